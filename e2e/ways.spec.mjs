// Ways in and out: what opens over the page or beside it, for mouse, fingers and keys; and where the focus goes.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startLab, untilState } from './lab.mjs';

let lab;
before(async () => (lab = await startLab()));
after(() => lab?.close());

const button = (page, name) => page.getByRole('button', { name, exact: true });
const running = async (options) => {
  const opened = await lab.open(options);
  await untilState(opened.page, (s) => s.answered > 3);
  return opened;
};
const focused = (page, name) => page.waitForFunction((name) => {
  const at = document.activeElement;
  return at.getAttribute('aria-label') === name || at.textContent === name;
}, name);

test('what was opened closes by Escape, by a press elsewhere and by its button; the focus goes back', async () => {
  const { page, problems, close } = await running();
  const sheets = [['Share', 'Copy'], ['Embed', 'Copy'], ['How to read this, and what is simulated', null], ['Save', 'Picture (SVG)']];
  for (const [name, inside] of sheets) {
    const sheet = page.locator('.popup, .menu');
    await button(page, name).click();
    if (inside) await sheet.getByRole('button', { name: inside, exact: true }).focus();
    else await sheet.getByRole('link').focus();
    await page.keyboard.press('Escape');
    await sheet.waitFor({ state: 'detached' });
    await focused(page, name);
    await button(page, name).click();
    await page.locator('.chart-head strong').click();
    await sheet.waitFor({ state: 'detached' });
    if (name === 'Save') continue;
    await button(page, name).click();
    await sheet.getByRole('button', { name: 'Close' }).click();
    await sheet.waitFor({ state: 'detached' });
    await focused(page, name);
  }
  assert.deepEqual(problems, []);
  await close();
});

test('fingers close the palette', async () => {
  const { page, close } = await running({ width: 390, height: 844, hasTouch: true });
  await page.getByRole('button', { name: /^Do…/ }).tap();
  const dialog = page.getByRole('dialog', { name: 'Commands' });
  await dialog.getByRole('button', { name: 'Close' }).tap();
  await dialog.waitFor({ state: 'hidden' });
  await close();
});

test('panels that are folded away come back for the Pod that is chosen, also on the tab that was open', async () => {
  const { page, close } = await running();
  const pods = page.getByRole('button', { name: /^Pod web-.* Ready/ });
  await pods.first().click();
  await page.getByRole('tab', { name: 'Object', selected: true }).waitFor();
  await button(page, 'Fold the panels away').click();
  await pods.nth(1).click();
  await page.getByRole('tab', { name: 'Object', selected: true }).waitFor();
  await close();
});

test('who asks for a panel stands in it', async () => {
  const { page, close } = await running();
  await button(page, 'Edit labels').click();
  await page.waitForFunction(() => document.activeElement.id === 'panel');
  await page.getByRole('tab', { name: 'Object', selected: true }).waitFor();
  await close();
});

for (const [width, height] of [[1024, 768], [390, 844]]) {
  test(`at ${width} pixels the details of a Pod that is chosen are one press away`, async () => {
    const { page, close } = await running({ width, height });
    await page.locator('.pod strong').first().click();
    await button(page, 'Details ↓').click();
    await page.waitForFunction(() => document.activeElement.id === 'panel');
    const seen = await page.evaluate(() => document.getElementById('panel').getBoundingClientRect().top < innerHeight * 0.7);
    assert.ok(seen);
    await close();
  });
}

test('on a phone what to do is said on the first screen', async () => {
  const { page, close } = await running({ width: 390, height: 844 });
  const hint = page.getByText('Kill a Pod and watch who notices.').and(page.locator(':visible'));
  assert.equal(await hint.count(), 1);
  assert.ok((await hint.boundingBox()).y < 300);
  await close();
});

test('a scene without a head can be stopped and started', async () => {
  const { page, close } = await running({ query: '?chrome=scene', width: 600, height: 400 });
  await button(page, 'Pause').click();
  await untilState(page, (s) => !s.playing);
  await button(page, 'Play').click();
  await untilState(page, (s) => s.playing);
  await close();
});

test('forced colours leave what is said by colour', async () => {
  const { page, close } = await running({ forcedColors: 'active' });
  const [held, chart] = await page.evaluate(() =>
    ['.piece.held', '.timeline'].map((which) => getComputedStyle(document.querySelector(which)).backgroundColor));
  assert.notEqual(held, chart);
  await close();
});

test('YAML that was applied says what became of it', async () => {
  const { page, close } = await running();
  await page.getByRole('tab', { name: 'YAML' }).click();
  await page.getByLabel('YAML of the object').fill('apiVersion: v1\nkind: Service\nmetadata:\n  name: shop\nspec:\n  selector:\n    app: web\n  ports:\n  - port: 80\n');
  await button(page, 'Apply').click();
  await page.getByText('service/shop created').waitFor();
  await page.getByRole('group', { name: 'Service shop' }).waitFor();
  await close();
});
