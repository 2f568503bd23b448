// The page opens anywhere, asks nobody else, and can be used by everyone.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessibilityFindings, startLab } from './lab.mjs';

let lab;
before(async () => (lab = await startLab({ prefix: '/some/deep/path/' })));
after(() => lab?.close());

test('opens below a path, without an error, a missing file or a request to another origin', async () => {
  const { page, problems, close } = await lab.open();
  assert.equal(await page.title(), 'Kube Service Lab');
  await page.getByRole('heading', { level: 1 }).first().waitFor();
  await page.waitForLoadState('networkidle');
  assert.deepEqual(problems, []);
  await close();
});

for (const colorScheme of ['light', 'dark']) {
  test(`axe finds nothing (${colorScheme})`, async () => {
    const { page, close } = await lab.open({ colorScheme });
    assert.deepEqual(await accessibilityFindings(page), []);
    await close();
  });
}

test('shows words and an outline before any script has run', async () => {
  const context = await lab.browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(lab.url);
  await page.getByRole('status').getByText('The cluster is starting').waitFor();
  assert.ok(await page.locator('.loading svg').isVisible());
  await context.close();
});
