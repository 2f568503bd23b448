// The panels and the palette, as a person uses them: reasons and ways out, YAML edited and applied, completion, widths kept.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessibilityFindings, run, startLab, state, untilState } from './lab.mjs';

let lab;
before(async () => (lab = await startLab()));
after(() => lab?.close());

/** Opens the palette by its keys and waits until it listens. */
async function ask(page, words) {
  await page.keyboard.press('Control+k');
  await page.waitForFunction(() => document.activeElement?.id === 'palette-input');
  await page.keyboard.type(words);
}

const tab = (page, name) => page.getByRole('tab', { name, exact: true });

test('the palette does everything by keyboard, and shows what Kubernetes says against it', async () => {
  const { page, problems, close } = await lab.open();
  await untilState(page, (s) => s.answered > 3);
  const dialog = page.getByRole('dialog', { name: 'Commands' });
  await ask(page, 'scale web to 0');
  assert.deepEqual(await accessibilityFindings(page), []);
  await page.keyboard.press('Enter');
  await untilState(page, (s) => s.endpoints.web.length === 0, { timeout: 60_000 });
  await ask(page, 'kubectl scale deployment nobody --replicas=1');
  await page.keyboard.press('Enter');
  await dialog.getByRole('alert').getByText(/"nobody" not found/).waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'hidden' });
  assert.deepEqual(problems, []);
  await close();
});

test('the palette does what stands in its field, also for who types faster than the list is drawn', async () => {
  const { page, close } = await lab.open();
  await untilState(page, (s) => s.answered > 3);
  await ask(page, '');
  await page.evaluate(() => {
    const field = document.getElementById('palette-input');
    field.value = 'show panel why';
    field.dispatchEvent(new InputEvent('input', { bubbles: true }));
    field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }));
  });
  await page.getByRole('tab', { name: 'Why?', exact: true, selected: true }).waitFor();
  await close();
});

test('"Why?" names a slip of the pen, and its way out mends it', async () => {
  const { page, problems, close } = await lab.open();
  await untilState(page, (s) => s.answered > 3);
  await run(page, 'kubectl set selector service web app=wbe');
  await untilState(page, (s) => s.endpoints.web.length === 0);
  await tab(page, 'Why?').click();
  await page.getByText(/selects app=wbe, but the Pods here have app=web/).waitFor();
  assert.deepEqual(await accessibilityFindings(page), []);
  await page.getByRole('button', { name: 'Run kubectl set selector service web app=web', exact: true }).click();
  await untilState(page, (s) => s.endpoints.web.length === 3);
  await page.getByText(/is answered now/).waitFor();
  assert.deepEqual(problems, []);
  await close();
});

test('YAML: a problem at its line, what changes, and Apply', async () => {
  const { page, problems, close } = await lab.open();
  await untilState(page, (s) => s.answered > 3);
  await tab(page, 'YAML').click();
  const sheet = page.getByLabel('YAML of the object');
  const apply = page.getByRole('button', { name: 'Apply', exact: true });
  await page.getByLabel('Object', { exact: true }).selectOption('deployment/web');
  const text = await sheet.inputValue();
  assert.match(text, /replicas: 3/);
  await sheet.fill(text.replace('replicas: 3', 'replicas: [3'));
  await page.getByText(/^Line \d+:/).first().waitFor();
  assert.ok(await apply.isDisabled());
  await sheet.fill(text.replace('replicas: 3', 'replicas: -3'));
  await apply.click();
  await page.getByText(/Line \d+: .*must be greater than or equal to 0/).first().waitFor();
  await sheet.fill(text.replace('replicas: 3', 'replicas: 4'));
  await page.getByText('+   replicas: 4').waitFor();
  assert.deepEqual(await accessibilityFindings(page), []);
  await apply.click();
  await untilState(page, (s) => s.pods.ready === 4, { timeout: 60_000 });
  assert.match(await sheet.inputValue(), /replicas: 4/);
  assert.deepEqual(problems, []);
  await close();
});

test('the console completes with Tab, and Tab goes on when there is nothing to complete', async () => {
  const { page, close } = await lab.open();
  await untilState(page, (s) => s.answered > 3);
  await tab(page, 'Console').click();
  const line = page.locator('#line');
  await line.pressSequentially('kubectl get endpointsl');
  await page.getByRole('button', { name: 'endpointslices', exact: true }).waitFor();
  await page.keyboard.press('Tab');
  await page.waitForFunction(() => document.querySelector('#line').value.startsWith('kubectl get endpointslice'));
  await page.keyboard.press('Enter');
  await page.getByText('ADDRESSTYPE').waitFor();
  await line.focus();
  await page.keyboard.press('Tab');
  assert.notEqual(await page.evaluate(() => document.activeElement.id), 'line');
  await close();
});

test('the panels can be made wider and folded, and are so the next time', async () => {
  const { page, close } = await lab.open();
  await untilState(page, (s) => s.answered > 3);
  const width = () => page.evaluate(() => document.querySelector('.right').getBoundingClientRect().width);
  const before = await width();
  await page.getByRole('separator', { name: 'Width of the panels' }).focus();
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowLeft');
  assert.equal((await width()) - before, 48);
  await page.getByRole('button', { name: 'Fold the panels away' }).click();
  assert.ok((await width()) < 60);
  await page.reload();
  await untilState(page, (s) => s.answered > 3);
  assert.ok((await width()) < 60);
  await page.getByRole('button', { name: 'Show the panels' }).click();
  assert.equal((await width()) - before, 48);
  await close();
});

test('the first preset from beginning to end by keyboard alone', async () => {
  const { page, problems, close } = await lab.open();
  const before = await untilState(page, (s) => s.answered > 3);
  const type = async (words) => {
    await ask(page, words);
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Commands' }).waitFor({ state: 'hidden' });
  };
  const button = page.getByRole('button', { name: 'Kill Pod', exact: true });
  for (let i = 0; i < 40 && !(await button.evaluate((e) => e === document.activeElement)); i += 1) await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await type('speed ×10');
  await untilState(page, (s) => s.clients.stubborn.failed > 0 && s.pods.ready === 3, { timeout: 60_000 });
  // All that there is to do in it is done, and the way leads on.
  await page.getByText('All done.').waitFor();
  assert.equal(await page.locator('.turn li.done').count(), 4);
  await page.getByRole('button', { name: /^Next →/ }).waitFor();
  await type('show panel why');
  await page.getByText(/No Pod has 10\.244\.\d+\.\d+ any more/).waitFor();
  const after = await state(page);
  assert.notDeepEqual(after.podNames, before.podNames);
  // A request may meet the Pod just as it stops, as on a cluster: this one has no preStop hook. All others are answered.
  const curl = after.clients['curl-1'];
  assert.ok(curl.failed <= 2 && curl.answered > 10 * curl.failed, JSON.stringify(curl));
  assert.deepEqual(problems, []);
  await close();
});

test('the way of a request is lit in the rules', async () => {
  const { page, problems, close } = await lab.open();
  await untilState(page, (s) => s.answered > 8);
  await tab(page, 'Request').click();
  await page.getByRole('button', { name: 'Rules it met' }).click();
  await page.locator('.listing mark').first().waitFor();
  assert.ok((await page.locator('.listing mark').count()) >= 2);
  assert.deepEqual(problems, []);
  await close();
});

test('a way out is tried on the very run, and many rules are folded until somebody opens them', async () => {
  const { page, problems, close } = await lab.open({ query: '?preset=many&speed=2' });
  await untilState(page, (s) => s.answered > 100, { timeout: 60_000 });
  await run(page, 'kubectl set image deployment/web web=nginx:1.28');
  await tab(page, 'Request').click();
  // Of a request that a stopped Pod refused.
  const refused = page.locator('.requests button', { hasText: 'connection refused' }).filter({ hasNotText: 'stubborn' });
  await refused.first().click({ timeout: 60_000 });
  await page.getByText(/^connection refused after [\d.]+ ms$/).waitFor();
  const button = page.getByRole('button', { name: /^Try it: a preStop sleep/ });
  await button.focus();
  await page.keyboard.press('Enter');
  await page.getByRole('status').getByText(/With a preStop sleep of \d+ s: \d+ of \d+ failed, same seed/).waitFor({ timeout: 120_000 });
  assert.deepEqual(await accessibilityFindings(page), []);
  await page.getByRole('button', { name: 'Rules it met' }).click();
  await page.locator('.listing mark').first().waitFor();
  const lines = page.locator('.listing li');
  const before = await lines.count();
  assert.ok(before < 130, `${before} lines`);
  await page.getByRole('button', { name: /^… \d+ more lines$/ }).first().click();
  await page.getByRole('button', { name: 'Show fewer' }).waitFor();
  assert.ok((await lines.count()) > before);
  assert.deepEqual(problems, []);
  await close();
});
