// Prints how fast the page is: start, frames a second, how busy the main thread is. It judges nothing.
// Usage: node e2e/perf.mjs [QUERY], by default the preset of 100 Pods and 500 requests a second.
import { startLab, untilState } from './lab.mjs';

const MEASURED_MS = 5_000;
const query = process.argv[2] ?? '?preset=perf';

/** Milliseconds from navigation to the first paint and to the first answered request: at a first visit, and at a reload. */
async function measureStart(lab) {
  const { page, close } = await lab.open();
  const times = async () => {
    await untilState(page, (state) => state.answered > 0);
    return page.evaluate(() => ({
      answered: performance.now(),
      paint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime,
    }));
  };
  const visit = await times();
  await page.reload();
  const reload = await times();
  await close();
  return { visit, reload };
}

/** The main thread's busy share while nobody does anything: time stands still, or it passes in the first preset. */
async function measureIdle(lab, query) {
  const { page, close } = await lab.open({ query });
  await page.waitForTimeout(1000);
  const busy = await meter(page);
  await page.waitForTimeout(MEASURED_MS);
  const share = await busy();
  await close();
  return share;
}

/** Begins to count; the answer tells the busy shares (all tasks, scripts) of the time since then. */
async function meter(page) {
  const client = await page.context().newCDPSession(page);
  await client.send('Performance.enable');
  const read = async () => {
    const { metrics } = await client.send('Performance.getMetrics');
    const value = (name) => metrics.find((metric) => metric.name === name).value;
    return { task: value('TaskDuration'), script: value('ScriptDuration'), at: value('Timestamp') };
  };
  const from = await read();
  return async () => {
    const to = await read();
    const share = (name) => (to[name] - from[name]) / (to.at - from.at);
    return { task: share('task'), script: share('script') };
  };
}

/** Frames a second as the browser grants them, and the main thread's busy share, over the same seconds. */
async function measureLoad(lab) {
  const { page, close } = await lab.open({ query });
  const before = await untilState(page, (state) => state.answered > 100);
  const busy = await meter(page);
  const frames = await page.evaluate(
    (length) =>
      new Promise((done) => {
        const stamps = [];
        const tick = (now) => {
          stamps.push(now);
          if (now - stamps[0] < length) requestAnimationFrame(tick);
          else done(stamps);
        };
        requestAnimationFrame(tick);
      }),
    MEASURED_MS,
  );
  const share = await busy();
  const after = await untilState(page, () => true);
  await close();
  const gaps = frames.slice(1).map((at, index) => at - frames[index]).sort((a, b) => a - b);
  return {
    fps: (gaps.length * 1000) / (frames.at(-1) - frames[0]),
    worstGapMs: gaps.at(-1),
    p95GapMs: gaps[Math.floor(gaps.length * 0.95)],
    busyShare: share.task,
    scriptShare: share.script,
    before,
    after,
  };
}

const lab = await startLab();
try {
  const { page, close } = await lab.open();
  const hasDoor = await page.evaluate(() => Boolean(window.kubeServiceLab));
  await close();
  if (!hasDoor) {
    console.log('perf: the page has no window.kubeServiceLab yet, nothing to measure');
  } else {
    const { visit, reload } = await measureStart(lab);
    const percent = (share) => `${(100 * share).toFixed(1)} %`;
    const ms = (time) => `${Math.round(time)} ms`;
    console.log(
      `perf: first paint ${ms(visit.paint)}, first answered request ${ms(visit.answered)} after a first visit's navigation, ` +
        `${ms(reload.answered)} after a reload`,
    );
    const load = await measureLoad(lab);
    console.log(
      `perf: ${query}: ${load.fps.toFixed(1)} frames a second (95th percentile gap ${load.p95GapMs.toFixed(1)} ms, ` +
        `worst ${load.worstGapMs.toFixed(1)} ms), main thread busy ${percent(load.busyShare)} (scripts ${percent(load.scriptShare)}), ` +
        `${load.after.answered - load.before.answered} requests answered in about ${MEASURED_MS / 1000} s`,
    );
    const still = await measureIdle(lab, '?paused=true');
    const first = await measureIdle(lab, '');
    console.log(`perf: main thread busy ${percent(still.task)} while time stands still, ${percent(first.task)} in the first preset`);
  }
} catch (error) {
  console.log(`perf: could not measure: ${error.message}`);
} finally {
  await lab.close();
}
