// Prints how fast the page is: start, frames a second, how busy the main thread is. It judges nothing.
// Usage: node e2e/perf.mjs [QUERY], by default the preset of 100 Pods and 500 requests a second.
import { startLab, untilState } from './lab.mjs';

const MEASURED_MS = 5_000;
const query = process.argv[2] ?? '?preset=perf';

/** Milliseconds from navigation to the first answered request, and to the first paint. */
async function measureStart(lab) {
  const { page, close } = await lab.open();
  await untilState(page, (state) => state.answered > 0);
  const times = await page.evaluate(() => ({
    answered: performance.now(),
    paint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime,
  }));
  await close();
  return times;
}

/** Frames a second as the browser grants them, and the main thread's busy share, over the same seconds. */
async function measureLoad(lab) {
  const { page, close } = await lab.open({ query });
  const before = await untilState(page, (state) => state.answered > 100);
  const client = await page.context().newCDPSession(page);
  await client.send('Performance.enable');
  const busy = async () => {
    const { metrics } = await client.send('Performance.getMetrics');
    const value = (name) => metrics.find((metric) => metric.name === name).value;
    return { task: value('TaskDuration'), script: value('ScriptDuration'), at: value('Timestamp') };
  };
  const from = await busy();
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
  const to = await busy();
  const after = await untilState(page, () => true);
  await close();
  const gaps = frames.slice(1).map((at, index) => at - frames[index]).sort((a, b) => a - b);
  const wall = to.at - from.at;
  return {
    fps: (gaps.length * 1000) / (frames.at(-1) - frames[0]),
    worstGapMs: gaps.at(-1),
    p95GapMs: gaps[Math.floor(gaps.length * 0.95)],
    busyShare: (to.task - from.task) / wall,
    scriptShare: (to.script - from.script) / wall,
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
    const start = await measureStart(lab);
    console.log(`perf: first paint ${Math.round(start.paint)} ms, first answered request ${Math.round(start.answered)} ms after navigation`);
    const load = await measureLoad(lab);
    const percent = (share) => `${(100 * share).toFixed(1)} %`;
    console.log(
      `perf: ${query}: ${load.fps.toFixed(1)} frames a second (95th percentile gap ${load.p95GapMs.toFixed(1)} ms, ` +
        `worst ${load.worstGapMs.toFixed(1)} ms), main thread busy ${percent(load.busyShare)} (scripts ${percent(load.scriptShare)}), ` +
        `${load.after.answered - load.before.answered} requests answered in about ${MEASURED_MS / 1000} s`,
    );
  }
} catch (error) {
  console.log(`perf: could not measure: ${error.message}`);
} finally {
  await lab.close();
}
