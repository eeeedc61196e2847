// The demo: a lab, and the whole week on it as a rehearsal, through the same commands that people use. `--plan FILE` takes another plan, `--secured` puts TLS and
// logins on all of it, `--down` ends it.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { parseDocument } from 'yaml';
import { reportName } from '../plan/names.ts';
import { labDown, labStatus, labUp } from './lab.ts';
import { weekKey } from './nats-secrets.ts';
import { securedPlan } from './secured.ts';
import { labDirectory, projectDirectory, reportsDirectory } from './state.ts';

/** Divides every watched time down to its floor. */
const rehearsal = '10000';
const hubshiftScript = join(projectDirectory, 'dist', 'client', 'hubshift.js');
const { values: options } = parseArgs({
  options: { plan: { type: 'string' }, secured: { type: 'boolean' }, down: { type: 'boolean' } },
});
const attended = process.stdin.isTTY === true;

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Runs a command of ours for everybody to see; its exit code. */
async function hubshift(...args: string[]): Promise<number> {
  say(`\n$ hubshift ${args.map((arg) => (/\s/.test(arg) ? `"${arg}"` : arg)).join(' ')}`);
  const { exitCode = 1 } = await execa('node', [hubshiftScript, ...args], {
    stdio: 'inherit',
    reject: false,
    timeout: 60 * 60_000,
  });
  return exitCode;
}

interface Seen {
  status: string;
  run: string;
}

/** How the newest week stands; undefined when there is none. */
async function seenNow(): Promise<Seen | undefined> {
  const { stdout, exitCode } = await execa('node', [hubshiftScript, 'progress', '--json'], {
    reject: false,
    timeout: 20_000,
  });
  if (exitCode !== 0 && !stdout.startsWith('{')) return undefined;
  return (JSON.parse(stdout) as { glance: Seen }).glance;
}

async function demo(): Promise<number> {
  await labUp(planOfTheDemo(), { report: say, ask: attended ? askYes : undefined });
  const before = await seenNow();
  if (before?.status === 'completed') {
    say(`\nRun ${before.run} is completed. The demo begins where the week begins, so it is undone first.`);
    if ((await hubshift('rollback', '--yes', '--reason', 'the demo begins again')) !== 0) return 1;
  }
  if (before && !ended(before)) say(`\nRun ${before.run} is ${before.status}: the demo goes on with it.`);
  else if ((await hubshift('start', '--yes', '--rehearsal', rehearsal)) !== 0) return 1;

  await followUntil(({ status }) => status === 'deciding');
  let seen = await seenNow();
  if (seen?.status === 'deciding') {
    if ((await decide()) !== 0) return 1;
    await followUntil(() => false);
    seen = await seenNow();
  }
  return conclude(seen);
}

function ended({ status }: Seen): boolean {
  return ['completed', 'rolled back', 'rolled back in part', 'no-go'].includes(status);
}

/** With nobody to ask, a week that fails undoes itself. */
function planOfTheDemo(): string {
  const named = options.plan === undefined ? join(projectDirectory, 'plan', 'week1.yaml') : resolve(options.plan);
  if (attended && !options.secured) return named;
  const text = readFileSync(named, 'utf8');
  const document = parseDocument(options.secured ? securedPlan(text, weekKey().publicKey) : text);
  if (!attended) document.setIn(['failure', 'onFailure'], 'undo-all');
  mkdirSync(labDirectory, { recursive: true });
  const file = join(labDirectory, 'demo.yaml');
  writeFileSync(file, document.toString({ lineWidth: 0 }));
  return file;
}

/** Shows the progress until the week has ended or has come as far as wanted. */
async function followUntil(reached: (seen: Seen) => boolean): Promise<void> {
  say('\n$ hubshift progress --watch');
  const watching = new AbortController();
  const watch = execa('node', [hubshiftScript, 'progress', '--watch'], {
    stdio: 'inherit',
    reject: false,
    cancelSignal: watching.signal,
    timeout: 60 * 60_000,
  });
  for (;;) {
    const seen = await seenNow();
    if (seen && (reached(seen) || ended(seen))) break;
    await setTimeout(1_000);
  }
  // Lets it show the last change.
  await setTimeout(1_500);
  watching.abort();
  await watch;
}

/** What is refused, or not confirmed when its evidence is shown, is asked again. */
async function decide(times = 3): Promise<number> {
  if (!attended) {
    say('\nNobody is at a terminal: the demo approves, as "demo".');
    return hubshift(
      'approve',
      'go',
      '--confidence',
      '95',
      '--reason',
      'rehearsal without a person at the terminal',
      '--as',
      'demo',
    );
  }
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    say('');
    const decision = /^g/i.test(await terminal.question('The week waits for your decision, go or no-go? '))
      ? 'go'
      : 'no-go';
    const confidence = await terminal.question('How sure are you, 0 to 100 (a GO needs more than 90)? ');
    const reason = await terminal.question('Why? ');
    const then =
      decision === 'go'
        ? []
        : ['--then', /^r/i.test(await terminal.question('And then, extend or rollback? ')) ? 'rollback' : 'extend'];
    terminal.close();
    const code = await hubshift(
      'approve',
      decision,
      ...then,
      '--confidence',
      confidence,
      '--reason',
      reason || 'no reason given',
    );
    return code === 0 || times === 1 ? code : await decide(times - 1);
  } finally {
    terminal.close();
  }
}

async function conclude(seen: Seen | undefined): Promise<number> {
  // A week that has ended has written it.
  const report = join(reportsDirectory, `${reportName(seen?.run ?? 'unknown', seen?.status ?? '')}.html`);
  mkdirSync(reportsDirectory, { recursive: true });
  if (!existsSync(report) && (await hubshift('report', '--format', 'html', '-o', report)) !== 0) return 1;
  const { temporal } = await labStatus();
  say(`\nThe week is ${seen?.status ?? 'unknown'}. All of it is still running.`);
  say(`  report    ${report} (.md and .json beside it)`);
  say(`  Web UI    ${temporal.webUi ?? temporal.address}`);
  say('  go back   npx hubshift rollback');
  say('  end it    npm run demo -- --down');
  return seen?.status === 'completed' ? 0 : 1;
}

async function askYes(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim());
  } finally {
    terminal.close();
  }
}

try {
  if (options.down) {
    await labDown({ report: say });
    process.exitCode = 0;
  } else process.exitCode = await demo();
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
