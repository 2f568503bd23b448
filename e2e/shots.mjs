// Takes the screenshots that the documentation shows: docs/screenshot-*.png, of the page after its first seconds.
// Usage: node e2e/shots.mjs [QUERY]
import { startLab, untilState } from './lab.mjs';

const SHOTS = [
  { name: '1440x900-light', width: 1440, height: 900 },
  { name: '1440x900-dark', width: 1440, height: 900, colorScheme: 'dark' },
  { name: '1024x768', width: 1024, height: 768 },
  { name: '390x844', width: 390, height: 844 },
];

const lab = await startLab();
for (const { name, ...options } of SHOTS) {
  const { page, close } = await lab.open({ query: process.argv[2] ?? '', ...options });
  if (await page.evaluate(() => Boolean(window.kubeServiceLab))) {
    await untilState(page, (state) => state.answered > 50, { timeout: 60_000 });
  }
  const path = `docs/screenshot-${name}.png`;
  await page.screenshot({ path });
  console.log(path);
  await close();
}
await lab.close();
