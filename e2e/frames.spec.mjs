// The lab inside other people's pages: two frames on one host page, and what can be taken along.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { accessibilityFindings, run, startLab, untilState } from './lab.mjs';

let lab;
before(async () => (lab = await startLab()));
after(() => lab?.close());

const button = (page, name) => page.getByRole('button', { name, exact: true });

/** A host page with a field, room to scroll, and frames with the given addresses; it notes what happens to it. */
async function host(page, addresses) {
  await page.evaluate((list) => {
    const frame = (src, i) => `<iframe title="lab ${i}" width="700" height="420" style="display:block;border:0" src="${src}"></iframe>`;
    document.body.innerHTML = `<input id="mine">${list.map(frame).join('<p>between</p>')}<div style="height:3000px"></div>`;
    window.noted = { scrolls: 0, focus: 0, messages: 0 };
    addEventListener('scroll', () => (window.noted.scrolls += 1));
    addEventListener('blur', () => (window.noted.focus += 1));
    addEventListener('message', () => (window.noted.messages += 1));
    document.getElementById('mine').focus();
  }, addresses);
  const frames = [];
  for (const element of await page.locator('iframe').elementHandles()) frames.push(await element.contentFrame());
  return frames;
}

const frameState = (frame, condition) =>
  frame
    .waitForFunction(
      (source) => {
        const state = window.kubeServiceLab?.state();
        return state && new Function('state', `return (${source})(state)`)(state) ? state : null;
      },
      condition.toString(),
      { timeout: 60_000, polling: 100 },
    )
    .then((found) => found.jsonValue());

test('two frames on one page run, each as its address says, and the page stays as it was', async () => {
  const { page, problems, close } = await lab.open({ query: '?paused=1' });
  const [one, two] = await host(page, ['?chrome=scene&theme=dark&speed=5&preset=scale', '?chrome=controls&theme=light&paused=1&preset=nodeport']);
  const first = await frameState(one, (s) => s.answered > 3);
  const second = await frameState(two, (s) => s.version === 1);
  assert.deepEqual([first.preset, first.speed, first.playing], ['scale', 5, true]);
  assert.deepEqual([second.preset, second.speed, second.playing, second.answered], ['nodeport', 1, false, 0]);
  const look = (frame) =>
    frame.evaluate(() => ({
      theme: document.documentElement.dataset.theme,
      header: document.querySelectorAll('header').length,
      controls: document.querySelectorAll('aside.left').length,
      panels: document.querySelectorAll('aside.right').length,
      wide: document.documentElement.scrollWidth <= innerWidth,
    }));
  assert.deepEqual(await look(one), { theme: 'dark', header: 0, controls: 0, panels: 0, wide: true });
  assert.deepEqual(await look(two), { theme: 'light', header: 1, controls: 1, panels: 0, wide: true });
  // The wheel over a frame scrolls the host page, as over any picture; keys go to the host's field.
  await page.mouse.move(300, 200);
  await page.mouse.wheel(0, 240);
  await page.waitForFunction(() => window.scrollY > 0);
  await page.evaluate(() => window.scrollTo(0, 0));
  await page.keyboard.type('k+-0');
  assert.equal(await page.inputValue('#mine'), 'k+-0');
  const noted = await page.evaluate(() => ({ ...window.noted, active: document.activeElement.id }));
  assert.deepEqual([noted.focus, noted.messages, noted.active], [0, 0, 'mine']);
  assert.deepEqual(problems, []);
  await close();
});

test('a frame goes on while the host page is used, and stands still only when it is off screen', async () => {
  const { page, close } = await lab.open({ query: '?paused=1' });
  const [frame] = await host(page, ['?chrome=scene']);
  const before = await frameState(frame, (s) => s.answered > 2);
  await page.locator('#mine').click();
  await frameState(frame, `(s) => s.answered > ${before.answered + 5}`);
  await page.evaluate(() => window.scrollTo(0, 3000));
  const seconds = () => frame.evaluate(() => window.kubeServiceLab.state().seconds);
  await page.waitForFunction(() => window.scrollY > 1000);
  // It stands still as soon as the browser has told it; then two looks, some frames apart, see the same moment.
  const frames = () => page.evaluate(() => new Promise((done) => {
    let left = 30;
    const tick = () => (left-- > 0 ? requestAnimationFrame(tick) : done());
    tick();
  }));
  for (let tries = 0; tries < 20; tries += 1) {
    const then = await seconds();
    await frames();
    if ((await seconds()) === then) break;
    assert.ok(tries < 19, 'it never stood still');
  }
  const away = await seconds();
  await page.evaluate(() => window.scrollTo(0, 0));
  await frameState(frame, `(s) => s.seconds > ${away + 0.2}`);
  await close();
});

test('picture, film strip and transcript are saved, with what they should hold', async () => {
  const { page, problems, close } = await lab.open({ query: '?speed=4' });
  await untilState(page, (s) => s.answered > 3);
  await run(page, 'kubectl scale deployment web --replicas=5');
  await untilState(page, (s) => s.pods.ready === 5, { timeout: 60_000 });
  const saved = async (name) => {
    await button(page, 'Save').click();
    const [download] = await Promise.all([page.waitForEvent('download'), button(page, name).click()]);
    return readFile(await download.path());
  };
  assert.match(String(await saved('Picture (SVG)')), /^<svg .*Service web.*<\/svg>\n$/s);
  const png = await saved('Picture (PNG)');
  assert.deepEqual([...png.subarray(0, 4)], [0x89, 0x50, 0x4e, 0x47]);
  assert.ok(png.readUInt32BE(16) > 1000, 'it is sharp');
  assert.match(String(await saved('Film strip of key moments (SVG)')), /(Service web.*){2}/s);
  const transcript = String(await saved('Transcript (text)'));
  assert.match(transcript, /\$ kubectl scale deployment web --replicas=5\ndeployment\.apps\/web scaled\n/);
  assert.deepEqual(problems, []);
  await close();
});

test('what is shared and embedded opens what it says', async () => {
  const { page, close } = await lab.open({ query: '?preset=labels&speed=2' });
  await untilState(page, (s) => s.preset === 'labels');
  await button(page, 'Share').click();
  const address = await page.getByLabel('Link', { exact: true }).inputValue();
  assert.match(address, /\?preset=labels&speed=2$/);
  assert.deepEqual(await accessibilityFindings(page), []);
  await button(page, 'Embed').click();
  const lines = await page.getByLabel('Two lines to paste').inputValue();
  const src = lines.match(/src="([^"]+)"/)[1].replaceAll('&amp;', '&');
  assert.match(src, /preset=labels&speed=2&chrome=scene$/);
  assert.deepEqual(await accessibilityFindings(page), []);
  await page.keyboard.press('Escape');
  await page.getByLabel('Two lines to paste').waitFor({ state: 'detached' });
  await page.goto(src);
  const state = await untilState(page, (s) => s.answered > 0);
  assert.deepEqual([state.preset, state.speed], ['labels', 2]);
  await close();
});

test('a client is told how to ask, and a wrong address is answered beside its field', async () => {
  const { page, problems, close } = await lab.open();
  await untilState(page, (s) => s.answered > 3);
  await page.getByText('How a client asks').click();
  await page.getByLabel('client', { exact: true }).selectOption('curl-1');
  await page.getByLabel('connections').selectOption({ label: 'one that is kept' });
  await page.getByLabel('requests come').selectOption({ label: 'ten at a time' });
  assert.deepEqual(await accessibilityFindings(page), []);
  const field = page.getByLabel('asks for');
  await field.fill('web');
  await button(page, 'Ask').click();
  await page.getByText(/This is no address that a client here can ask/).waitFor();
  await field.fill('http://nosuch/');
  await button(page, 'Ask').click();
  await untilState(page, (s) => s.clients['curl-1'].failed > 0);
  assert.deepEqual(problems, []);
  await close();
});
