// Runs the test steps named on the command line, shows what each runner prints, and closes with one plain sum:
// "N passed, M failed", taken from the runners' own counts. Exit code 1 if anything failed or a step ran no test.
import { spawn } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';

const filesIn = (folder, suffix) => readdirSync(folder).filter((name) => name.endsWith(suffix)).sort().map((name) => `${folder}/${name}`);

/** Test files that say wasm_bindgen_test are for wasm32 (too). */
const wasmTests = () =>
  filesIn('tests', '.rs')
    .filter((file) => readFileSync(file, 'utf8').includes('wasm_bindgen_test'))
    .flatMap((file) => ['--test', file.slice('tests/'.length, -'.rs'.length)]);

const CARGO_TEST = ['cargo', 'test', '--locked', '--no-fail-fast'];
const WASM = ['--target', 'wasm32-unknown-unknown'];

/** Commands of a step, and how its results are counted from what they print. */
const STEPS = {
  core: { commands: [[...CARGO_TEST, '--lib', '--test', 'core']], count: countCargo },
  native: { commands: [CARGO_TEST], count: countCargo },
  wasm: { commands: [[...CARGO_TEST, ...WASM, ...wasmTests()]], count: countCargo },
  // The same runs on both targets; what counts is that they print the same digests.
  digests: {
    commands: [[], WASM].map((target) => [...CARGO_TEST, ...target, '--test', 'determinism', '--', '--nocapture']),
    count: countEqualDigests,
  },
  e2e: {
    commands: [['node', '--test', '--test-reporter=spec', '--test-concurrency=1', ...filesIn('e2e', '.spec.mjs')]],
    count: countNode,
    then: ['node', 'e2e/perf.mjs'], // prints figures, judges nothing
  },
};

/** `test result: ok. 3 passed; 0 failed; ...`, once for every test binary. */
function countCargo([output]) {
  const sum = { passed: 0, failed: 0 };
  for (const [, passed, failed] of output.matchAll(/^test result: \w+\. (\d+) passed; (\d+) failed/gm)) {
    sum.passed += Number(passed);
    sum.failed += Number(failed);
  }
  return sum;
}

/** `ℹ pass 3` and `ℹ fail 0`. */
function countNode([output]) {
  const number = (word) => Number(output.match(new RegExp(`^[ℹ#] ${word} (\\d+)`, 'm'))?.[1] ?? 0);
  return { passed: number('pass'), failed: number('fail') + number('cancelled') };
}

/** `digest NAME HEX`, the same natively and in wasm: one passed for every name that both have alike. */
function countEqualDigests(outputs) {
  const [native, wasm] = outputs.map((output) => new Map(Array.from(output.matchAll(/digest (\w+) ([0-9a-f]{16})/g), (m) => [m[1], m[2]])));
  const sum = { passed: 0, failed: 0 };
  for (const name of new Set([...native.keys(), ...wasm.keys()])) {
    const same = native.get(name) === wasm.get(name);
    sum[same ? 'passed' : 'failed'] += 1;
    console.log(`digest ${name}: ${same ? 'the same' : 'DIFFERENT'}: native ${native.get(name)}, wasm ${wasm.get(name)}`);
  }
  return sum;
}

// Property tests draw the same cases here every time, so that a change is judged by itself; a plain `cargo test` draws new ones.
const env = { PROPTEST_RNG_SEED: '1', ...process.env };

/** Runs a command, showing and keeping what it prints. */
function run([program, ...args]) {
  console.log(`\n$ ${[program, ...args].join(' ')}`);
  return new Promise((done) => {
    let output = '';
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env });
    for (const [from, to] of [[child.stdout, process.stdout], [child.stderr, process.stderr]]) {
      from.setEncoding('utf8').on('data', (text) => {
        output += text;
        to.write(text);
      });
    }
    child.on('error', (error) => done({ code: 1, output: `${output}${error.message}` }));
    child.on('close', (code) => done({ code: code ?? 1, output: output.replaceAll(/\x1b\[[0-9;]*m/g, '') }));
  });
}

const total = { passed: 0, failed: 0 };
const lines = [];
for (const name of process.argv.slice(2)) {
  const { commands, count, then } = STEPS[name];
  const started = performance.now();
  const results = [];
  for (const command of commands) results.push(await run(command));
  const code = results.find((result) => result.code !== 0)?.code ?? 0;
  const { passed, failed } = count(results.map((result) => result.output));
  // A runner that stops before it counts (a file that does not compile), or that counts nothing, has failed once.
  const counted = code === 0 ? (passed > 0 ? failed : failed + 1) : Math.max(failed, 1);
  total.passed += passed;
  total.failed += counted;
  lines.push(`${name}: ${passed} passed, ${counted} failed in ${((performance.now() - started) / 1000).toFixed(1)} s`);
  if (then) await run(then);
}
console.log(`\n${lines.map((line) => `  ${line}`).join('\n')}`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed > 0 ? 1 : 0;
