// npm test: everything that CI runs, part after part, and one line at the end that sums it up.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { execa } from 'execa';
import { projectDirectory } from '../lab/state.ts';
import { nodeOf } from './node.ts';
import { add, exitCode, lastLine, nothing, tally, type Report, type Tally } from './tally.ts';

const minute = 60_000;
const results = mkdtempSync(join(tmpdir(), 'hubshift-tests-'));
const vitest = join(projectDirectory, 'node_modules/vitest/vitest.mjs');
let total: Tally = nothing;

/** The next one comes whatever becomes of this one: a run says all that is wrong. */
async function part(name: string, work: () => Promise<Tally>): Promise<void> {
  console.log(`\n== ${name}`);
  const done = await work().catch((error: Error) => {
    console.error(error.message);
    return tally(false, undefined);
  });
  total = add(total, { ...done, names: done.names.map((test) => `${name}: ${test}`) });
}

async function check(node: string): Promise<Tally> {
  return (await ends('npm', ['run', '--silent', 'check'], 10 * minute, node)) ? nothing : tally(false, undefined);
}

async function tests(args: string[], limitMs: number, node = process.execPath): Promise<Tally> {
  const file = join(results, 'report.json');
  rmSync(file, { force: true });
  const report = ['--reporter=json', `--outputFile=${file}`];
  const well = await ends(node, [vitest, 'run', ...args, ...report], limitMs, node);
  return tally(well, existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Report) : undefined);
}

/** Whether a program ends well and in time. What it starts as `node` is this one too. */
async function ends(program: string, args: string[], limitMs: number, node: string): Promise<boolean> {
  const { failed, timedOut } = await execa(program, args, {
    cwd: projectDirectory,
    stdio: 'inherit',
    reject: false,
    timeout: limitMs,
    forceKillAfterDelay: minute,
    env: { PATH: [dirname(node), process.env['PATH']].join(delimiter) },
  });
  if (timedOut) console.error(`It took more than ${limitMs / minute} minutes.`);
  return !failed;
}

await part('check', async () => check(await nodeOf(20)));
for (const major of [20, 24])
  await part(`quick tests on Node ${major}`, async () =>
    tests(['--project=quick', '--reporter=default'], 10 * minute, await nodeOf(major)),
  );
await part('integration tests', () => tests(['--project=integration', '--reporter=default'], 40 * minute));
await part('lab tests', () => tests(['--config=vitest.lab.config.ts', '--reporter=verbose'], 90 * minute));

rmSync(results, { recursive: true, force: true });
process.exitCode = exitCode(total);
console.log(['', ...total.names, lastLine(total)].join('\n'));
