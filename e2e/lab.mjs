// What every browser test needs: the built page on a server, a browser, and a list of what went wrong.
// Tests wait for conditions, never for a length of time.
import AxeBuilder from '@axe-core/playwright';
import { chromium } from 'playwright-core';
import { serve } from './serve.mjs';

export const DIST = new URL('../dist', import.meta.url).pathname;

// No GPU and no connections of the browser's own: what is tested is the same on every machine.
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Starts a server of dist/ below `prefix` and a browser. `close()` ends both. */
export async function startLab({ prefix = '/' } = {}) {
  const server = await serve(DIST, { prefix });
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS });
  return {
    url: server.url,
    browser,
    open: (options) => openPage(browser, server.url, options),
    close: async () => {
      await browser.close();
      await server.close();
    },
  };
}

/**
 * Opens the page in a context of its own. `problems` collects, as text, everything that must not happen: errors in the
 * console, exceptions, failed or refused requests, and requests to any other origin.
 */
async function openPage(browser, url, { query = '', width = 1440, height = 900, ...options } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: 'light', ...options });
  const page = await context.newPage();
  const problems = watch(page, new URL(url).origin);
  await page.goto(url + query);
  await mounted(page);
  return { page, problems, close: () => context.close() };
}

function watch(page, origin) {
  const problems = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) problems.push(`console ${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => problems.push(`exception: ${error.message}`));
  page.on('requestfailed', (request) => problems.push(`request failed: ${request.url()} ${request.failure()?.errorText}`));
  page.on('response', (response) => {
    if (response.status() >= 400) problems.push(`status ${response.status()}: ${response.url()}`);
  });
  page.on('request', (request) => {
    const to = new URL(request.url());
    if (!['data:', 'blob:'].includes(to.protocol) && to.origin !== origin) problems.push(`another origin: ${request.url()}`);
  });
  return problems;
}

/** Waits until the page has taken the place of the outline that is shown while it loads. */
export const mounted = (page) => page.waitForFunction(() => !document.querySelector('#app > .loading'));

/** Waits until `condition(state)` holds of window.kubeServiceLab.state(); returns that state. The condition runs in the page. */
export async function untilState(page, condition, { timeout = 15_000 } = {}) {
  const found = await page.waitForFunction(
    (source) => {
      const answer = window.kubeServiceLab?.state();
      const state = typeof answer === 'string' ? JSON.parse(answer) : answer;
      return state && new Function('state', `return (${source})(state)`)(state) ? state : null;
    },
    condition.toString(),
    { timeout, polling: 'raf' },
  );
  return found.jsonValue();
}

/** window.kubeServiceLab.state() now. */
export const state = (page) => untilState(page, () => true);

/** What the page's console prints for a kubectl command. */
export const run = (page, command) => page.evaluate((text) => window.kubeServiceLab.run(text), command);

/** What axe has to say against the page, one line a finding; an empty list is good. */
export async function accessibilityFindings(page) {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.flatMap(({ id, help, nodes }) => nodes.map((node) => `${id}: ${help}: ${node.html}`));
}
