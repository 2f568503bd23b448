// What a person does with the page, by mouse and by keyboard, and what it must say back.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessibilityFindings, run, startLab, state, untilState } from './lab.mjs';

let lab;
before(async () => (lab = await startLab()));
after(() => lab?.close());

const button = (page, name) => page.getByRole('button', { name, exact: true });

test('opens running, with Pods, a Service and clients in the scene', async () => {
  const { page, problems, close } = await lab.open();
  const now = await untilState(page, (s) => s.answered > 3);
  assert.equal(now.pods.ready, 3);
  assert.equal(now.endpoints.web.length, 3);
  await page.getByRole('region', { name: 'Cluster' }).waitFor();
  assert.equal(await page.getByRole('button', { name: /^Pod web-.* Ready/ }).count(), 3);
  await page.getByRole('group', { name: 'Service web' }).waitFor();
  assert.deepEqual(problems, []);
  await close();
});

test('a Pod is killed by its button: the Service goes on, the stubborn client notices', async () => {
  const { page, problems, close } = await lab.open();
  const before = await untilState(page, (s) => s.answered > 3);
  await button(page, 'Kill Pod').click();
  await page.evaluate(() => window.kubeServiceLab.speed(10));
  const after = await untilState(page, (s) => s.clients.stubborn.failed > 0 && s.pods.ready === 3, { timeout: 60_000 });
  assert.equal(after.podNames.filter((name) => !before.podNames.includes(name)).length, 1);
  assert.ok(after.clients['curl-1'].answered > before.clients['curl-1'].answered);
  assert.deepEqual(problems, []);
  await close();
});

test('by keyboard alone: pause, play, choose a Pod and kill it', async () => {
  const { page, close } = await lab.open();
  const before = await untilState(page, (s) => s.answered > 3);
  await button(page, 'Pause').focus();
  await page.keyboard.press('Enter');
  await untilState(page, (s) => !s.playing);
  await page.keyboard.press('Enter');
  await untilState(page, (s) => s.playing);
  await page.getByRole('button', { name: /^Pod web-/ }).first().focus();
  await page.keyboard.press('Space');
  await button(page, 'Kill this Pod').focus();
  await page.keyboard.press('Enter');
  await untilState(page, (s) => (s.pods.terminating ?? 0) > 0 || s.pods.starting > 0 || s.pods.ready !== 3);
  await untilState(page, (s) => s.pods.ready === 3, { timeout: 60_000 });
  const after = await state(page);
  assert.notDeepEqual(after.podNames, before.podNames);
  await close();
});

test('single keys press the buttons that bear them, not while one types, and can be switched off', async () => {
  const { page, problems, close } = await lab.open();
  await untilState(page, (s) => s.answered > 3);
  const key = (letter) => page.keyboard.press(letter);
  const node = (up) => button(page, up ? 'Bring back node-3' : 'Cut off node-3');
  await key('n');
  await node(true).waitFor();
  await key('n');
  await node(false).waitFor();
  // In a field a letter is a letter.
  const image = page.getByLabel('Image', { exact: true }).first();
  await image.fill('');
  await image.pressSequentially('nknr');
  assert.equal(await image.inputValue(), 'nknr');
  await page.getByLabel(/^single keys/).uncheck();
  await page.locator('[data-key="N"]:not([aria-keyshortcuts])').waitFor();
  await page.getByRole('button', { name: 'Pause', exact: true }).focus();
  await key('n');
  await key('k');
  await untilState(page, (s) => s.answered > 12);
  assert.equal(await node(false).count(), 1);
  assert.equal((await state(page)).pods.ready, 3);
  await page.getByLabel(/^single keys/).check();
  await page.getByRole('button', { name: 'Pause', exact: true }).focus();
  await key('k');
  await untilState(page, (s) => (s.pods.terminating ?? 0) > 0 || s.podNames.length !== 3 || s.pods.ready !== 3);
  assert.deepEqual(problems, []);
  await close();
});

test('what there is to do is ticked off, and unticked by going back', async () => {
  const { page, problems, close } = await lab.open({ query: '?preset=scale' });
  await untilState(page, (s) => s.answered > 3);
  const done = (count) => page.waitForFunction((n) => document.querySelectorAll('.turn li.done').length === n, count);
  await done(0);
  const before = (await state(page)).seconds;
  await run(page, 'kubectl scale deployment web --replicas=6');
  await done(1);
  await page.evaluate((seconds) => window.kubeServiceLab.seek(seconds), before);
  await done(0);
  await button(page, 'Next →: Roll out and back, lose no request').click();
  await untilState(page, (s) => s.preset === 'rollout');
  await page.getByRole('heading', { name: 'Roll out and back, lose no request' }).waitFor();
  assert.deepEqual(problems, []);
  await close();
});

test('scaling and updating do what their commands say', async () => {
  const { page, close } = await lab.open();
  await untilState(page, (s) => s.answered > 3);
  await button(page, 'Scale up').click();
  await untilState(page, (s) => s.pods.ready === 4, { timeout: 60_000 });
  await page.getByLabel('Image', { exact: true }).first().fill('nginx:1.28');
  await button(page, 'Update').click();
  await page.evaluate(() => window.kubeServiceLab.speed(10));
  assert.match(await run(page, 'kubectl rollout status deployment/web'), /successfully rolled out/);
  assert.match(await run(page, 'kubectl get deployment web -o wide'), /4\/4 .*nginx:1\.28/);
  await close();
});

test("wrong words are answered beside their field, in Kubernetes' own, and change nothing", async () => {
  const { page, close } = await lab.open();
  const before = await untilState(page, (s) => s.answered > 3);
  await page.getByText('A Pod of your own').click();
  const trial = async (label, value, expected) => {
    const field = page.locator('.add').getByLabel(label, { exact: true });
    const good = await field.inputValue();
    await field.fill(value);
    await button(page, 'Add Pod').click();
    const problem = page.locator(`#${await field.getAttribute('id')}-problem`);
    await problem.waitFor();
    assert.match(await problem.innerText(), expected);
    assert.equal(await field.getAttribute('aria-invalid'), 'true');
    await field.fill(good);
  };
  await trial('Name', 'my pod', /metadata\.name: Invalid value: "my pod"/);
  await trial('Image', '', /image/);
  await trial('Port', '70000', /70000.*must be between 1 and 65535/s);
  await page.getByLabel('Scale to').fill('1000000000');
  await button(page, 'Scale').click();
  await page.getByText(/lab limit: 1000000000 replicas .* ask for \d+ or fewer/).waitFor();
  assert.deepEqual((await state(page)).podNames, before.podNames);
  await close();
});

for (const colorScheme of ['light', 'dark']) {
  test(`axe finds nothing in any panel (${colorScheme})`, async () => {
    const { page, close } = await lab.open({ colorScheme });
    await untilState(page, (s) => s.answered > 3);
    await button(page, 'Kill Pod').click();
    await button(page, 'How to read this, and what is simulated').click();
    assert.deepEqual(await accessibilityFindings(page), []);
    await button(page, 'How to read this, and what is simulated').click();
    for (const tab of ['Request', 'Why?', 'Rules', 'Object', 'YAML', 'Events', 'Console']) {
      await page.getByRole('tab', { name: tab }).click();
      assert.deepEqual(await accessibilityFindings(page), [], `tab ${tab}`);
    }
    await close();
  });
}

for (const [colorScheme, theme] of [['dark', 'light'], ['light', 'dark']]) {
  test(`the ${theme} theme is whole on a system that has it ${colorScheme}`, async () => {
    const { page, close } = await lab.open({ colorScheme, query: `?theme=${theme}` });
    await untilState(page, (s) => s.answered > 3);
    assert.deepEqual(await accessibilityFindings(page), []);
    await close();
  });
}

test('what is said against a field has the width of its form', async () => {
  const { page, close } = await lab.open();
  await untilState(page, (s) => s.answered > 3);
  await page.getByLabel('Scale to').fill('many');
  await button(page, 'Scale').click();
  const [problem, form] = await page.evaluate(() =>
    ['#replicas-problem', 'form.scale'].map((which) => document.querySelector(which).getBoundingClientRect().width));
  assert.equal(Math.round(problem), Math.round(form));
  await close();
});

test('reduced motion: stands still, and goes on step by step', async () => {
  const { page, close } = await lab.open({ reducedMotion: 'reduce' });
  const before = await state(page);
  assert.equal(before.playing, false);
  await button(page, 'Step').click();
  const after = await untilState(page, (s) => s.seconds > 0);
  assert.equal(after.playing, false);
  assert.equal(after.seconds - before.seconds, 0.25);
  await close();
});

test('in a frame it runs, takes no focus and obeys its address', async () => {
  const { page, close } = await lab.open({ query: '?paused=1' });
  await page.evaluate(() => {
    document.body.innerHTML = '<input id="mine"><iframe title="lab" width="700" height="500" src="?chrome=scene&theme=dark&speed=5"></iframe>';
    document.getElementById('mine').focus();
  });
  const frame = await (await page.waitForSelector('iframe')).contentFrame();
  await frame.waitForFunction(() => window.kubeServiceLab?.state().answered > 3, null, { timeout: 30_000 });
  const shown = await frame.evaluate(() => ({ speed: window.kubeServiceLab.state().speed, theme: document.documentElement.dataset.theme, header: document.querySelector('header') }));
  assert.deepEqual(shown, { speed: 5, theme: 'dark', header: null });
  assert.equal(await page.evaluate(() => document.activeElement.id), 'mine');
  await close();
});

test('at 320 pixels nothing is cut off at the side', async () => {
  const { page, close } = await lab.open({ width: 320, height: 700 });
  await untilState(page, (s) => s.answered > 0);
  assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 320);
  await close();
});

test('the first preset to its end with reduced motion, still by still', async () => {
  const { page, problems, close } = await lab.open({ reducedMotion: 'reduce' });
  const before = await state(page);
  assert.equal(before.playing, false);
  await button(page, 'Kill Pod').click();
  const next = button(page, 'Next still');
  let now = before;
  for (let still = 1; still <= 120 && !(now.clients.stubborn.failed > 0 && now.pods.ready === 3); still += 1) {
    await next.click();
    await page.getByText(`Still ${still} · `).waitFor();
    now = await state(page);
    assert.equal(now.playing, false);
  }
  assert.ok(now.clients.stubborn.failed > 0 && now.pods.ready === 3, 'the stubborn client noticed, and there are three Pods again');
  assert.equal(now.clients['curl-1'].failed, 0);
  assert.notDeepEqual(now.podNames, before.podNames);
  assert.deepEqual(problems, []);
  await close();
});
