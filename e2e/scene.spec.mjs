// The scene and the chart below it: going back in time, coming nearer, carrying labels, stills, words and pictures.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessibilityFindings, run, startLab, state, untilState } from './lab.mjs';

let lab;
before(async () => (lab = await startLab()));
after(() => lab?.close());

const button = (page, name) => page.getByRole('button', { name, exact: true });
const playhead = (page) => page.getByRole('slider', { name: 'Moment of the run' });
const pods = (page) => page.getByRole('button', { name: /^Pod web-/ });

test('by keyboard back to any moment, which looks as it did, and on to the end again', async () => {
  const { page, problems, close } = await lab.open();
  await page.evaluate(() => window.kubeServiceLab.speed(4));
  await untilState(page, (s) => s.seconds > 3);
  await button(page, 'Pause').click();
  const then = await untilState(page, (s) => !s.playing);
  await run(page, 'kubectl scale deployment web --replicas=5');
  await button(page, 'Play').click();
  await untilState(page, (s) => s.pods.ready === 5, { timeout: 60_000 });
  await button(page, 'Pause').click();
  const end = await untilState(page, (s) => !s.playing);
  await playhead(page).focus();
  await page.keyboard.press('ArrowLeft');
  await untilState(page, `(s) => Math.abs(s.seconds - ${end.seconds - 1}) < 0.01`);
  await page.keyboard.press('Home');
  await untilState(page, (s) => s.seconds === 0 && s.answered === 0);
  await page.evaluate((at) => window.kubeServiceLab.seek(at), then.seconds - 0.001);
  const again = await untilState(page, (s) => s.seconds > 0);
  assert.deepEqual([again.podNames, again.endpoints], [then.podNames, then.endpoints]);
  await page.keyboard.press('End');
  const last = await untilState(page, (s) => s.pods.ready === 5);
  assert.deepEqual([last.answered, last.podNames], [end.answered, end.podNames]);
  assert.deepEqual(problems, []);
  await close();
});

test('acting in the past gives up the future, and that can be undone', async () => {
  const { page, close } = await lab.open({ query: '?speed=4' });
  await untilState(page, (s) => s.seconds > 6, { timeout: 30_000 });
  await button(page, 'Pause').click();
  await page.evaluate(() => window.kubeServiceLab.seek(2));
  await untilState(page, (s) => s.seconds === 2);
  await run(page, 'kubectl delete pod -l app=web --wait=false');
  await page.getByText('The future after 0:02 was given up').waitFor();
  assert.deepEqual(await accessibilityFindings(page), []);
  await button(page, 'Undo').click();
  await untilState(page, (s) => s.pods.ready === 3 && !s.pods.terminating);
  await playhead(page).focus();
  await page.keyboard.press('End');
  await untilState(page, (s) => s.seconds > 5 && s.pods.ready === 3);
  await close();
});

test('the playhead is dragged by mouse', async () => {
  const { page, close } = await lab.open({ query: '?speed=4' });
  await untilState(page, (s) => s.seconds > 10, { timeout: 30_000 });
  await button(page, 'Pause').click();
  const area = await page.locator('.scrub').boundingBox();
  await page.mouse.move(area.x + 60, area.y + 20);
  await page.mouse.down();
  await page.mouse.move(area.x + 4, area.y + 20, { steps: 4 });
  await page.mouse.up();
  await untilState(page, (s) => s.seconds < 1);
  await close();
});

test('nearer by button and key, never by the wheel alone', async () => {
  const { page, close } = await lab.open();
  await untilState(page, (s) => s.answered > 3);
  const width = async () => (await pods(page).first().boundingBox()).width;
  const small = await width();
  await page.mouse.move(600, 300);
  await page.mouse.wheel(0, -300);
  await button(page, 'Nearer').click();
  await page.waitForFunction((w) => document.querySelector('.pod').getBoundingClientRect().width > w, small);
  await page.keyboard.press('0');
  await button(page, 'Show all').waitFor({ state: 'detached' });
  await close();
});

test('a label is taken off its Pod by keyboard: the Pod leaves the list, another takes its place', async () => {
  const { page, close } = await lab.open();
  await untilState(page, (s) => s.answered > 3);
  await page.getByRole('button', { name: /^Label app=web of pod web-/ }).first().focus();
  await page.keyboard.press('Enter');
  await page.getByText('You carry').waitFor();
  assert.deepEqual(await accessibilityFindings(page), []);
  await button(page, 'Take it off its Pod').focus();
  await page.keyboard.press('Enter');
  await untilState(page, (s) => s.podNames.length === 4 && s.endpoints.web.length === 3, { timeout: 60_000 });
  await close();
});

test('what is chosen lights what belongs to it', async () => {
  const { page, close } = await lab.open();
  await untilState(page, (s) => s.answered > 3);
  await pods(page).first().click();
  await page.waitForFunction(() => document.querySelectorAll('.ends i.lit').length === 3);
  assert.equal(await page.locator('.bar.lit').count(), 1);
  assert.deepEqual(await accessibilityFindings(page), []);
  await close();
});

test('a step says what is new, the summary what is shown, and the picture is an SVG', async () => {
  const { page, close } = await lab.open({ reducedMotion: 'reduce' });
  await button(page, 'Next still').click();
  await page.getByText('Still 1 · 00:00.250').waitFor();
  await page.getByText(/requests? answered/).waitFor();
  await button(page, 'Say what is shown').click();
  await page.getByText(/^3 of 3 Pods ready, \d+ requests? a second, .* since the start\.$/).waitFor();
  const svg = await page.evaluate(() => window.kubeServiceLab.svg());
  assert.match(svg, /^<svg .*Service web.*<\/svg>\n$/s);
  const errors = await page.evaluate((text) => new DOMParser().parseFromString(text, 'image/svg+xml').querySelectorAll('parsererror').length, svg);
  assert.equal(errors, 0);
  assert.equal((await state(page)).playing, false);
  assert.deepEqual(await accessibilityFindings(page), []);
  await close();
});
