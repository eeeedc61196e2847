// The evidence for the gate in the lab: GO in a sound week; and what is brought about from outside turns it into NO-GO, with the reason.
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import Docker from 'dockerode';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Report, workOf } from '../../../plan/report/report.ts';
import type { Verdict } from '../../../plan/week/record.ts';
import { labDirectory } from '../../../lab/state.ts';
import { freePorts } from '../../activities/programs.ts';
import {
  atStep,
  follow,
  hubshift,
  isStatus,
  type Look,
  must,
  noteIncidents,
  report,
  startQuickly,
  variant,
  type Answer,
} from './lab.ts';
import { useLab } from './use-lab.ts';

const minute = 60_000;
/** Part of each secret: nobody but the control worker and the receiver may have it. */
const token = `T0${Math.random().toString(36).slice(2)}`;

let receiver: Server;
let pagerDuty: object;
const taken: { path: string; body: Record<string, any> }[] = [];

beforeAll(async () => {
  receiver = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      taken.push({ path: request.url ?? '', body: JSON.parse(text) });
      const gone = request.url?.startsWith('/gone') ?? false;
      // As PagerDuty says that it has taken an event.
      const fine = request.url === '/pagerduty' ? 202 : 200;
      response.writeHead(gone ? 404 : fine).end(gone ? `there is no ${request.url}` : 'ok');
    });
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => receiver.once('listening', resolve));
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
  for (const name of [
    'SLACK_OPS_ALERTS',
    'SLACK_OPS_CRITICAL',
    'SLACK_INCIDENT_RESPONSE',
    'SLACK_LEADERSHIP',
    'DASHBOARD_URL',
  ])
    process.env[`HUBSHIFT_${name}`] = `${url}/${name}/${token}`;
  // They are here, whatever proxy this host has.
  process.env.no_proxy = '127.0.0.1';
  process.env.HUBSHIFT_PAGERDUTY_KEY = `key-${token}`;
  // For the channels of a test alone.
  process.env.HUBSHIFT_GONE_URL = `${url}/gone/${token}`;
  process.env.HUBSHIFT_CLOSED_URL = `http://127.0.0.1:${(await freePorts(1))[0]}/closed/${token}`;
  pagerDuty = { name: 'pagerduty', kind: 'pagerduty', secret: 'HUBSHIFT_PAGERDUTY_KEY', url: `${url}/pagerduty` };
});
afterAll(() => {
  receiver.closeAllConnections();
  receiver.close();
});
// Its workers are others than those of the other files: they know the channels.
const lab = useLab(() => ({ changes: { 'notify.channels': [...channels(), pagerDuty] } }));
const reports = () => readdirSync(process.env.HUBSHIFT_REPORTS!);
/** Those of the files before, in the same lab. */
let reportsBefore: string[];
/** A test of channels that do not take it: they are tried for a minute and a half, in which the first week goes on. */
let badChannels: Promise<Answer>;
beforeAll(() => {
  mkdirSync(process.env.HUBSHIFT_REPORTS!, { recursive: true });
  reportsBefore = reports();
  const bad = ['unset', 'gone', 'closed'].map((name) => ({
    name,
    kind: 'webhook',
    secret: `HUBSHIFT_${name.toUpperCase()}_URL`,
  }));
  const plan = variant('channels.yaml', { 'notify.channels': [...channels(), pagerDuty, ...bad] });
  badChannels = hubshift('notify', 'test', '--plan', plan);
});

const channels = () =>
  ['ops-alerts', 'ops-critical', 'incident-response', 'leadership']
    .map((name) => ({ name, kind: 'slack', secret: `HUBSHIFT_SLACK_${name.toUpperCase().replace('-', '_')}` }))
    .concat([{ name: 'dashboard', kind: 'webhook', secret: 'HUBSHIFT_DASHBOARD_URL' }]);

/** Soaks again, with this in its middle, until people are asked; the evidence then. */
async function soakedWith(trouble: () => Promise<void>) {
  await must('approve', 'no-go', '--then', 'extend', '--confidence', '95', '--reason', 'another look');
  await follow(atStep('2D.soak'), minute);
  await setTimeout(3_000);
  await trouble();
  await follow(isStatus('deciding'), 8 * minute);
  return evidence();
}

async function evidence() {
  const found = (await report()).evidence!;
  const verdicts: Record<string, Verdict> = Object.fromEntries(
    Object.entries(found.kpis).map(([id, { verdict }]) => [id, verdict]),
  );
  return { ...found, verdicts };
}

test('a sound week is recommended for a GO', async () => {
  await startQuickly(['preflight.baseline', '2D.soak']);
  await follow(isStatus('deciding'), 4 * minute);
  const { recommendation, reasons, noGo, verdicts } = await evidence();
  expect(recommendation, reasons.join('; ')).toBe('go');
  expect(noGo).toMatchObject({ verdict: 'pass' });
  expect(Object.values(verdicts)).not.toContain('fail');
});

test('messages that are held back between the machines are a NO-GO for data loss', async () => {
  const { recommendation, noGo, verdicts } = await soakedWith(async () => {
    await lab.filter(
      'PC2',
      'add chain inet by_test in { type filter hook prerouting priority -300; }',
      'add rule inet by_test in tcp dport { 6222, 6223 } drop',
      'add rule inet by_test in tcp sport { 6222, 6223 } drop',
    );
    // Longer than a message may take, and too short for the cluster to lose its leader.
    await setTimeout(3_000);
    await lab.unfilter();
  });
  expect(recommendation).toBe('no-go');
  expect(noGo.summary).toMatch(/data loss: \d+ of \d+ messages delivered; at least 99 % is wanted/);
  expect(verdicts['kpi.hub-response']).not.toBe('fail');
});

test('a hub that is slowed down is a NO-GO for degradation', async () => {
  const edgehub = new Docker({ socketPath: lab.machine('PC2').dockerSocket }).getContainer('edgehub');
  const { recommendation, noGo, verdicts } = await soakedWith(async () => {
    // It runs for a tenth of the time. Should the week restart it meanwhile, that goes first.
    for (let turn = 0; turn < 20; turn += 1) {
      await edgehub.pause().catch(() => undefined);
      await setTimeout(800);
      await edgehub.unpause().catch(() => undefined);
      await setTimeout(90);
    }
  });
  expect(recommendation).toBe('no-go');
  expect(noGo.summary).toMatch(/degradation above 10 %: 95 % within \d+(\.\d+)? ms of edgehub/);
  expect(verdicts['kpi.hub-response']).toBe('fail');
});

test('an agent that is stopped is a NO-GO for instability, is mended, and told to those who must know', async () => {
  const { recommendation, noGo, verdicts } = await soakedWith(
    async () =>
      void (await execa('supervisorctl', ['-c', lab.machine('PC2').supervisorConfig, 'stop', 'resource_manager'], {
        timeout: 20_000,
      })),
  );
  expect(recommendation).toBe('no-go');
  expect(noGo.summary).toMatch(/agent instability: resource_manager \d/);
  expect(verdicts['kpi.agent-uptime']).toBe('fail');
  const { run, incidents, requirements } = await report();
  expect(incidents.at(-1)).toMatchObject({
    level: 2,
    target: 'resource_manager',
    result: 'recovered',
    trigger: { automatic: true },
  });
  expect(requirements.find(({ id }) => id === 'comms.level-2')).toMatchObject({
    verdict: 'pass',
    evidence: { sent: 2 },
  });
  const paged = taken
    .filter(({ path, body }) => path === '/pagerduty' && body.dedup_key.includes(run))
    .map(({ body }) => body);
  expect(paged.map(({ event_action }) => event_action)).toEqual(['trigger', 'resolve']);
  expect(new Set(paged.map(({ dedup_key }) => dedup_key)).size).toBe(1);
});

test('a GO against the recommendation takes --override and two people; the report is kept', async () => {
  const go = (...more: string[]) => hubshift('approve', 'go', '--confidence', '95', '--reason', 'we know why', ...more);
  expect(await go()).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('speaks for a NO-GO') });
  expect(await go('--override')).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('cause and prevention'),
  });
  const said = async (as: string) =>
    expect(await go('--override', '--as', as)).toMatchObject({
      exitCode: 0,
      // What there is to decide on comes before the decision.
      stdout: expect.stringMatching(
        /^Evidence [0-9a-f]{12}, of .* UTC\n[^]*^Recommendation: NO-GO$[^]*^Your GO is on record\.$/m,
      ),
    });
  // A slice that ends between or after them makes the evidence another one at times, of which people are asked again.
  const isAsking = ({ snapshot }: Look) => snapshot?.waits.some(({ step }) => step === 'gate') ?? false;
  let seen: Look;
  do {
    await noteIncidents();
    await said('ada');
    // The newest of each person counts, and it is one person.
    await said('Ada ');
    await said('grace');
    seen = await follow((look) => isStatus('completed')(look) || isAsking(look), minute);
  } while (!isStatus('completed')(seen));
  const { run } = await report();
  expect(
    reports()
      .filter((file) => !reportsBefore.includes(file))
      .sort(),
  ).toEqual(['html', 'json', 'md', 'prepared.jsonl', 'state.json'].map((form) => `${run}.${form}`));
  expect(taken.filter(({ body }) => body.kind === 'result')).toMatchObject([
    { body: { title: expect.stringContaining('completed'), text: expect.stringMatching(/GO by Ada .*GO by grace/) } },
  ]);
});

/** What `notify test` says of each channel: its kind, the result, and why. */
const toldOf = (stdout: string) =>
  Object.fromEntries(
    stdout
      // Whom pages reach is below.
      .split('\n\n')[0]!
      .split('\n')
      .map((line) => line.split(/ {2,}/))
      .map(([name = '', ...row]) => [name, row]),
  );

test('a test of the channels reaches each of them', async () => {
  const before = taken.length;
  const { exitCode, stdout } = await hubshift('notify', 'test');
  expect(toldOf(stdout)).toEqual({
    ...Object.fromEntries(channels().map(({ name, kind }) => [name, [kind, 'sent', 'answered 200']])),
    pagerduty: ['pagerduty', 'sent', 'answered 202'],
  });
  expect(stdout).toMatch(/\n\nPages reach:\n[^]*^question +pagerduty$/m);
  expect(exitCode).toBe(0);
  // Each is told twice: of the test, and that it is over.
  expect(
    taken
      .slice(before)
      .map(({ path }) => path.split('/')[1])
      .sort(),
  ).toEqual(
    [
      'DASHBOARD_URL',
      'SLACK_INCIDENT_RESPONSE',
      'SLACK_LEADERSHIP',
      'SLACK_OPS_ALERTS',
      'SLACK_OPS_CRITICAL',
      'pagerduty',
    ].flatMap((name) => [name, name]),
  );
});

test('a test names the channels that are off or do not take it, without their secrets', async () => {
  const { exitCode, stdout } = await badChannels;
  expect(toldOf(stdout)).toMatchObject({
    dashboard: ['webhook', 'sent', 'answered 200'],
    unset: ['webhook', 'off', 'HUBSHIFT_UNSET_URL is not set where the control worker runs'],
    gone: ['webhook', 'failed', expect.stringMatching(/^answered 404: there is no …$/)],
    closed: ['webhook', 'failed', expect.stringMatching(/^POST … got no answer: .*ECONNREFUSED/)],
  });
  expect(exitCode).toBe(1);
});

test('no secret is in a history, a log, a report or a ledger, nor with any process but the control worker', async () => {
  const { run } = await report();
  const files = async (text: string) =>
    (
      await execa('grep', ['-rlaF', text, labDirectory, '--exclude-dir=docker'], { reject: false, timeout: minute })
    ).stdout
      .split('\n')
      .filter(Boolean);
  // The negative control: what is there is found, in the history of Temporal too.
  expect((await files(run)).map((file) => file.slice(labDirectory.length + 1))).toEqual(
    expect.arrayContaining([expect.stringMatching(/^temporal.*db/), `reports/${run}.json`]),
  );
  expect(await files(token)).toEqual([]);
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      const read = (file: string) => {
        try {
          return readFileSync(`/proc/${pid}/${file}`, 'latin1');
        } catch {
          return '';
        }
      };
      return read('environ').includes(token)
        ? [
            read('cmdline')
              .split('\0')
              .find((arg) => arg === '--control') ?? read('cmdline'),
          ]
        : [];
    });
  expect(processes).toEqual(['--control']);
});

test('a rollback after the GO leaves its report alone, and has one of its own with the evidence of the week', async () => {
  const { run } = await report();
  const file = (name: string) => readFileSync(join(process.env.HUBSHIFT_REPORTS!, name), 'utf8');
  const before = ['md', 'html', 'json'].map((form) => file(`${run}.${form}`));
  await must('rollback', '--reason', 'second thoughts');
  expect(['md', 'html', 'json'].map((form) => file(`${run}.${form}`))).toEqual(before);

  const [completed, undone] = [JSON.parse(before[2]!) as Report, JSON.parse(file(`${run}.rolled-back.json`)) as Report];
  const found = (of: Report) =>
    workOf(of).map((row) => [row.id, (row.before ?? row).verdict, (row.before ?? row).summary]);
  expect(found(undone)).toEqual(found(completed));
  const kpisOf = ({ requirements }: Report) => requirements.filter(({ kind }) => kind === 'kpi');
  expect(kpisOf(undone)).toEqual(kpisOf(completed));
  expect(undone).toMatchObject({ status: 'rolled back', stood: { status: 'completed' } });
  expect(undone.stood!.reports).toContain(join(process.env.HUBSHIFT_REPORTS!, `${run}.json`));
  expect(undone.undone.length).toBeGreaterThan(completed.undone.length);

  const shown = await hubshift('report', '--run', run, '--json');
  expect(JSON.parse(shown.stdout)).toMatchObject({ run, status: 'rolled back' });
  expect(shown.stderr).toContain(`${run}.json`);
  const compared = JSON.parse(await must('report', '--compare', run, run, '--json'));
  expect(compared).toMatchObject({ runs: [{ run }, { run }], rows: [] });
  expect((await hubshift('report', '--run', 'never')).stderr).toContain(run);
});
