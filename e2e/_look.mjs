import { startLab, untilState } from './lab.mjs';
// node _look.mjs OUT QUERY W H SCHEME 'js to eval' waitMs
const [out, query='', w='1440', h='900', colorScheme='light', script='', wait='1500'] = process.argv.slice(2);
const lab = await startLab();
const { page, problems, close } = await lab.open({ query, width: +w, height: +h, colorScheme });
page.setDefaultTimeout(200000); await untilState(page, (s) => s.answered > 3, { timeout: 200000 }).catch((e) => console.log('no state', e.message));
if (script) { const r = await page.evaluate(`(async()=>{const L=window.kubeServiceLab;const wait=(ms)=>new Promise(r=>setTimeout(r,ms));${script}})()`); if (r !== undefined) console.log(JSON.stringify(r)); }
await page.waitForTimeout(+wait);
await page.screenshot({ path: out });
console.log(problems.join('\n'));
await close(); await lab.close();
