// The page's pictures at the sizes that people have: taken by every test run into test-results/, and with SHOTS=docs (`make shots`)
// into docs/, where the README shows them.
import assert from 'node:assert/strict';
import { mkdirSync, statSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { run, startLab, state, untilState } from './lab.mjs';

const FOLDER = process.env.SHOTS ?? 'test-results';
const SHOTS = [
  { name: '1440x900-light', width: 1440, height: 900 },
  { name: '1440x900-dark', width: 1440, height: 900, colorScheme: 'dark' },
  { name: '1024x768', width: 1024, height: 768 },
  { name: '390x844', width: 390, height: 844 },
];

let lab;
before(async () => {
  mkdirSync(FOLDER, { recursive: true });
  lab = await startLab();
});
after(() => lab?.close());

/** Time that passed quickly, so that the charts have something to show. */
async function past(page, seconds) {
  await page.evaluate(() => window.kubeServiceLab.speed(20));
  await untilSecond(page, seconds);
  await page.evaluate(() => window.kubeServiceLab.speed(1));
}

const untilSecond = (page, seconds) =>
  page.waitForFunction((s) => window.kubeServiceLab.state().seconds >= s, seconds, { timeout: 60_000, polling: 'raf' });

async function stopWhen(page, condition) {
  await untilState(page, condition, { timeout: 60_000 });
  await page.evaluate(() => window.kubeServiceLab.pause());
  await untilState(page, (s) => !s.playing);
}

/** The picture, once nothing is on its way to its place any more. */
async function shoot(page, name) {
  // A new lane of the chart makes the scene lower: it is placed anew some frames later.
  await page.evaluate(async () => {
    for (let frame = 0; frame < 8; frame += 1) await new Promise(requestAnimationFrame);
    await Promise.all(document.getAnimations().map((a) => a.finished.catch(() => {})));
  });
  const path = `${FOLDER}/screenshot-${name}.png`;
  await page.screenshot({ path });
  assert.ok(statSync(path).size > 20_000);
}

/** A Pod was killed some time ago; now an update is under way: Pods of two versions, some that start, some that end. */
async function rolling(page) {
  await past(page, 12);
  await run(page, `kubectl delete pod ${(await state(page)).podNames[0]}`);
  await past(page, 48);
  await run(page, 'kubectl set image deployment/web web=nginx:1.28');
  await stopWhen(page, (s) => s.pods.terminating >= 2 && s.pods.ready >= 3);
}

for (const { name, ...options } of SHOTS) {
  test(`the page at ${name}`, async () => {
    const { page, problems, close } = await lab.open({ query: '?preset=rollout', ...options });
    await rolling(page);
    await shoot(page, name);
    assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= options.width, 'nothing is cut off at the side');
    assert.deepEqual(problems, []);
    await close();
  });
}

test('many nodes, as boxes', async () => {
  const { page, problems, close } = await lab.open({ query: '?preset=many', colorScheme: 'dark' });
  await past(page, 20);
  await run(page, 'kubectl set image deployment/web web=nginx:1.28');
  await past(page, 26);
  await stopWhen(page, (s) => s.pods.terminating >= 10);
  await shoot(page, 'many-dark');
  assert.equal(await page.getByRole('button', { name: /^node-\d+: \d+ of \d+ Pods ready/ }).count(), 16);
  assert.deepEqual(problems, []);
  await close();
});

test('a large update, and why a request of it failed', async () => {
  const { page, problems, close } = await lab.open({ query: '?preset=large' });
  const before = await untilState(page, (s) => s.answered > 500, { timeout: 120_000 });
  await run(page, 'kubectl set image deployment/web web=nginx:1.28');
  await untilSecond(page, before.seconds + 12);
  await stopWhen(page, (s) => s.clients.browser.failed + s.clients.laptop.failed >= 20);
  await page.getByRole('tab', { name: 'Request', exact: true }).click();
  await page.getByText('What would have prevented it').waitFor();
  await shoot(page, 'large-light');
  assert.equal(await page.locator('.node-box').count(), 48);
  assert.deepEqual(problems, []);
  await close();
});
