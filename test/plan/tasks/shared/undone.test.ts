// Verdicts of the way back: what a rollback must leave behind, what it may leave with a reason, and its rehearsal.
import { describe, expect, it } from 'vitest';
import type { AgentDeployed } from '../../../../plan/machine-api/agents.ts';
import type { ContainerState } from '../../../../plan/machine-api/containers.ts';
import type { DirectoryState } from '../../../../plan/machine-api/files.ts';
import type { HubStatus } from '../../../../plan/machine-api/prometheus.ts';
import type { Evaluation } from '../../../../plan/week/record.ts';
import type { Undone } from '../../../../plan/week/undo.ts';
import * as undone from '../../../../plan/tasks/shared/undone.ts';
import * as pilots from '../../../../plan/tasks/pilots/verdicts/undone.ts';
import { changesOf } from '../../../../plan/tasks/shared/own-changes.ts';
import { streamsGone } from '../../../../plan/tasks/messaging/verdicts/streams.ts';
import * as gateways from '../../../../plan/tasks/pushgateways/verdicts.ts';
import { judge, type Judged } from '../judged.ts';

const judges = {
  ...undone,
  ...pilots,
  jobsGone: gateways.jobsGone,
  scrapesAgents: gateways.scrapesAgents,
  streamsGone,
};

// Alone in passing when there is nothing: a week that ended before its first pilot has none to stop.
const { pilotsRestored, ...judgesOnly } = judges;

const entry = (kind: Undone['kind'], target: string, change: Partial<Undone> = {}) => ({
  entry: 1,
  step: 's',
  machine: 'm',
  kind,
  target,
  result: 'undone' as const,
  ms: 7,
  ...change,
});
const left = (kind: Undone['kind'], target: string, detail: string) => entry(kind, target, { result: 'left', detail });

const container = (name: string, exists: boolean) => ({
  name,
  machine: 'm',
  is: { exists, status: exists ? 'running' : '' } as ContainerState,
});
const directory = (path: string, exists: boolean) =>
  ({ path, exists, machine: 'm' }) as DirectoryState & { machine: string };
const file = (path: string, now: string | null, original: string | undefined = 'before') => ({
  machine: 'm',
  path,
  original,
  now,
});
const hub = (jobs: string[], reloadSuccessful = true) => ({
  hub: 'edgehub',
  status: { jobs, reloadSuccessful } as HubStatus,
});
const scraped = (...healths: [instance: string, health: string][]) => ({
  hub: 'edgehub',
  targets: healths.map(([instance, health]) => ({ job: 'j', instance, health, lastError: '' })),
});
const shown = (value: unknown, found = true) => ({ found, value, waitedMs: 1, error: found ? undefined : 'refused' });
const uses = (active: ReturnType<typeof shown> | null, hubs: ReturnType<typeof shown> | null = shown([{}])) => ({
  agent: 'a',
  active,
  hubs,
});
const posts = (...seen: (number | null)[]) =>
  judges.postsToPeers(1_000)(seen.map((at, index) => ({ agent: `a${index}`, peer: `p${index}`, seen: at })));
const stream = (name: string, ...servers: [server: string, runs: boolean, there: boolean][]) => ({
  stream: name,
  servers: servers.map(([server, runs, there]) => ({ server, runs, there })),
});
const program = (agent: string, state: string) => ({ agent, program: agent, state, pid: 1, uptimeS: 1 });

const jobsGone = judges.jobsGone(['gw-main', 'gw-pc2']);
const scrapes = judges.scrapesAgents(['h:1', 'h:2']);
const central = judges.centralOnly('central');
const madeBy = judges.directoriesGone([entry('directory.remove', '/a')]);
const nothing: undone.Results = [];

const good: Evaluation = { verdict: 'pass', summary: '', evidence: {} };
const running: AgentDeployed = { pid: 7, state: 'RUNNING', downMs: 10, sha256: 'x', action: 'swapped' };
const dual = {
  active: shown('primary'),
  hubs: shown([
    { role: 'primary', reachable: true },
    { role: 'fallback', reachable: true },
  ]),
};
const rehearsed = (change: Partial<pilots.Rehearsed> = {}) =>
  judges.rehearsed(300_000)({
    undone: [entry('agent.restore', 'a')],
    central: good,
    again: running,
    hubs: dual,
    rollbackMs: 200_000,
    verifyMs: 100_000,
    migrateMs: 900_000,
    ...change,
  });

judge({
  containersGone: {
    passes: [judges.containersGone(nothing)([container('edgehub', false)])],
    fails: [
      [
        judges.containersGone(nothing)([container('edgehub', true), container('nats', false)]),
        /^edgehub is still there \(running\)$/,
      ],
      // Left is the word of the ledger for this container, not for another, and not "undone".
      [
        judges.containersGone([{ ...left('container.remove', 'edgehub', 'not ours'), machine: 'other' }])([
          container('edgehub', true),
        ]),
        /edgehub is still there/,
      ],
      [
        judges.containersGone([left('container.remove', 'nats', 'not ours'), entry('container.remove', 'edgehub')])([
          container('edgehub', true),
        ]),
        /edgehub is still there/,
      ],
    ],
    noData: [[judges.containersGone(nothing)([]), 'inconclusive']],
  },
  directoriesGone: {
    passes: [madeBy([directory('/a', false)]), judges.directoriesGone(nothing)([directory('/a', true)])],
    fails: [
      [madeBy([directory('/b', true), directory('/a', true)]), /^\/a is still there$/],
      [
        judges.directoriesGone([entry('directory.remove', '/a', { result: 'failed' })])([directory('/a', true)]),
        /\/a is still there/,
      ],
      // What another machine's ledger left under the same name is no excuse.
      [
        judges.directoriesGone([
          entry('directory.remove', '/a'),
          { ...left('directory.remove', '/a', 'mounted'), machine: 'other' },
        ])([directory('/a', true)]),
        /\/a is still there/,
      ],
    ],
    noData: [[madeBy([]), 'inconclusive']],
  },
  filesAreBack: {
    passes: [
      judges.filesAreBack(nothing)([file('/a.yml', 'before'), file('/b.yml', 'x', 'x')]),
      judges.filesAreBack(nothing)([file('/a.yml', 'before'), { ...file('/b.yml', 'mine'), theirs: true }]),
    ],
    fails: [
      [
        judges.filesAreBack(nothing)([file('/a.yml', 'after'), file('/b.yml', 'before')]),
        /^\/a\.yml is after; it was before$/,
      ],
      [judges.filesAreBack(nothing)([file('/a.yml', null)]), /\/a\.yml is not there; it was before/],
      [
        judges.filesAreBack([left('file.restore', '/b.yml', '/b.yml on m was changed since')])([
          file('/a.yml', 'after'),
        ]),
        /\/a\.yml is after/,
      ],
      [judges.filesAreBack([entry('file.restore', '/a.yml')])([file('/a.yml', 'after')]), /\/a\.yml is after/],
    ],
    noData: [
      [judges.filesAreBack(nothing)([]), 'inconclusive'],
      [
        judges.filesAreBack(nothing)([file('/a.yml', 'after'), { ...file('/b.yml', 'x'), original: undefined }]),
        'inconclusive',
      ],
    ],
  },
  jobsGone: {
    passes: [jobsGone([hub(['agents'])]), jobsGone([hub([])])],
    fails: [
      [jobsGone([hub(['agents', 'gw-pc2'])]), /^edgehub still has gw-pc2$/],
      [jobsGone([hub(['agents'], false)]), /edgehub did not take its configuration/],
    ],
    noData: [[jobsGone([]), 'inconclusive']],
  },
  scrapesAgents: {
    // What else a hub scrapes is not the agents' business.
    passes: [scrapes([scraped(['h:1', 'up'], ['h:2', 'up'], ['other:9', 'down'])])],
    fails: [
      [scrapes([scraped(['h:1', 'up'], ['h:2', 'down'])]), /^edgehub: h:2 is down$/],
      [scrapes([scraped(['other:9', 'up'])]), /edgehub scrapes no agent/],
      [
        judges.scrapesAgents(['h:1', 'h:2'], undefined, () => ['h:1', 'h:2'])([scraped(['h:1', 'up'])]),
        /^edgehub does not scrape h:2$/,
      ],
    ],
    noData: [
      [scrapes([]), 'inconclusive'],
      [judges.scrapesAgents([])([scraped(['h:1', 'up'])]), 'inconclusive'],
    ],
  },
  centralOnly: {
    passes: [central([uses(shown('central'))]), central([uses(shown('central'), null)])],
    fails: [
      [central([uses(shown('primary', false))]), /a uses "primary"; central is wanted/],
      [central([uses(shown(undefined, false))]), /no hub that it shows \(refused\)/],
      [central([uses(shown('central'), shown([{}, {}]))]), /a knows 2 hubs/],
    ],
    noData: [
      [central([]), 'inconclusive'],
      [central([uses(shown('central')), uses(null)]), 'inconclusive'],
    ],
  },
  postsToPeers: {
    passes: [posts(1_000, 2_000)],
    fails: [
      [posts(2_000, 999), /^p1 has no health of a1 since the rollback$/],
      [posts(null), /p0 has no health of a0/],
    ],
    noData: [[posts(), 'inconclusive']],
  },
  streamsGone: {
    passes: [
      judges.streamsGone([stream('s', ['n', true, false])]),
      judges.streamsGone([{ ...stream('s', ['n', true, true]), theirs: 'adopted', consumers: [] }]),
    ],
    fails: [
      [
        judges.streamsGone([{ ...stream('s', ['n', true, true]), theirs: 'adopted', consumers: ['c', 'c'] }]),
        /^the consumer c is still in s$/,
      ],
      [
        judges.streamsGone([stream('s', ['n', true, false]), stream('t', ['n', true, false], ['o', true, true])]),
        /^t is still on o$/,
      ],
    ],
    noData: [[judges.streamsGone([]), 'inconclusive']],
  },
  runAgain: {
    passes: [judges.runAgain([program('a', 'RUNNING')])],
    fails: [
      [judges.runAgain([program('a', 'RUNNING'), program('b', 'FATAL')]), /^b is FATAL$/],
      [judges.runAgain([program('a', 'UNKNOWN')]), /^a is UNKNOWN to supervisord: add it again$/],
      [
        judges.runAgain([{ ...program('a', 'UNKNOWN'), program: 'docker/a' }]),
        /^a is UNKNOWN to Docker: add it again$/,
      ],
    ],
    noData: [[judges.runAgain([]), 'inconclusive']],
  },
  noneMoved: {
    passes: [judges.noneMoved([{ agent: 'a', moved: false }])],
    fails: [
      [
        judges.noneMoved(['a', 'b'].map((agent) => ({ agent, moved: agent === 'b' }))),
        /^b was moved, and its way back was not rehearsed$/,
      ],
    ],
    noData: [[judges.noneMoved([]), 'inconclusive']],
  },
  rehearsed: {
    passes: [rehearsed()],
    fails: [
      [rehearsed({ verifyMs: 101_000 }), /back on CentralHub after 5m 1s; at most 5m/],
      [
        rehearsed({ undone: [entry('agent.restore', 'a', { result: 'failed', detail: 'no backup' })] }),
        /a failed: no backup/,
      ],
      // Somebody else's change is no way back that was tried.
      [rehearsed({ undone: [left('agent.restore', 'a', 'changed since')] }), /a left: changed since/],
      [
        rehearsed({ central: { verdict: 'fail', summary: 'a uses primary', evidence: {} } }),
        /rolled back: a uses primary/,
      ],
      [rehearsed({ again: { ...running, state: 'FATAL', error: 'exit 1' } }), /migrated again it is FATAL: exit 1/],
      [
        rehearsed({ hubs: { ...dual, active: shown('central', false) } }),
        /migrated again: the active hub is "central"/,
      ],
      [
        rehearsed({
          central: { verdict: 'inconclusive', summary: '', evidence: {} },
          undone: [entry('agent.restore', 'a', { result: 'failed', detail: 'no backup' })],
        }),
        /a failed: no backup/,
      ],
      [rehearsed({ hubs: { active: null, hubs: null } }), /migrated again: the agent does not show its hubs/],
    ],
    noData: [
      [rehearsed({ undone: [] }), 'fail'],
      [rehearsed({ central: { verdict: 'inconclusive', summary: '', evidence: {} } }), 'inconclusive'],
    ],
  },
} satisfies Record<keyof typeof judgesOnly, Judged>);

describe('what was left is named and is no failure:', () => {
  it.each([
    [
      'a container of somebody else',
      judges.containersGone([left('container.remove', 'nats', 'not ours')])([container('nats', true)]),
      /^nats left/,
    ],
    [
      'a directory that something is mounted in',
      judges.directoriesGone([left('directory.remove', '/a', '/a/b is mounted there\nand more')])([
        directory('/a', true),
      ]),
      /^\/a left: \/a\/b is mounted there$/,
    ],
    [
      'a directory that was there before',
      judges.directoriesGone(nothing)([directory('/a', true), directory('/b', false)]),
      /^\/a left: it was there before, \/b gone$/,
    ],
    [
      'a file that was changed since',
      judges.filesAreBack([left('file.restore', '/a.yml', '')])([file('/a.yml', 'mine'), file('/b.yml', 'before')]),
      /^1 of 2 files/,
    ],
    [
      "a pilot's configuration, whose entry goes by the program",
      judges.filesAreBack([left('agent.restore', 'a', '/a.yml on m was changed since')])([file('/a.yml', 'mine')]),
      /^0 of 1 files/,
    ],
    [
      'a file out of which the week was taken, with what others made of it since',
      judges.filesAreBack([{ ...entry('file.restore', '/a.yml'), detail: '/a.yml on m was changed since by others' }])([
        file('/a.yml', 'theirs'),
      ]),
      /^0 of 1 files/,
    ],
    ['a pilot', pilotsRestored([left('agent.restore', 'a', '/a.yml on m was changed since')]), /^a left/],
  ])('%s', (_what, evaluation, says) => {
    expect(evaluation).toMatchObject({ verdict: 'pass', summary: expect.stringMatching(says) });
  });
});

describe('what was so before this run, or was not changed by it, is no failure, and is named:', () => {
  const kept = { hub: 'primary', hubs: 2, posts: false };
  const phase1 = { hub: 'central', hubs: 1, posts: true };
  const dualHub = uses(shown('primary'), shown([{}, {}]));
  const elsewhere = uses(shown('primary', false), shown([{}, {}]));
  const silent = { agent: 'a', peer: 'p', seen: null };
  const theirs = (why: string) => ({ ...stream('s', ['n', true, true]), theirs: why });

  it.each([
    ['hubs as before', central([{ ...dualHub, before: kept }]), '0 agents use central only; as before this run: a'],
    [
      'CentralHub only, whatever was before',
      central([{ ...uses(shown('central')), before: kept }]),
      '1 agents use central only',
    ],
    [
      'hubs that nobody knows of before',
      central([{ ...elsewhere, changed: false }, uses(shown('central'))]),
      '1 agents use central only; not changed by this run: a',
    ],
    [
      'health that did not come by HTTP before',
      judges.postsToPeers(1)([{ ...silent, before: kept }]),
      'health of 0 agents came in at their peers by HTTP; as before this run: a',
    ],
    [
      'health of an agent that was not moved',
      judges.postsToPeers(1)([{ ...silent, changed: false }]),
      'health of 0 agents came in at their peers by HTTP; not changed by this run: a',
    ],
    [
      'a scrape job',
      jobsGone([{ ...hub(['agents', 'gw-pc2']), theirs: ['gw-pc2', 'gw-main'] }]),
      'edgehub runs agents, gw-pc2 (gw-pc2 not of this run)',
    ],
    [
      'a stream',
      judges.streamsGone([stream('t', ['n', true, false]), theirs('made by run week-0')]),
      '1 streams and their consumers gone from 1 servers; s stays: made by run week-0',
    ],
    [
      'a program of an agent that was unwell',
      judges.runAgain([program('a', 'RUNNING'), program('b', 'FATAL')], ['agent b']),
      '1 pilots run; b is FATAL, and was unwell before the week',
    ],
    [
      'a target that was down',
      judges.scrapesAgents(
        ['h:1', 'h:2'],
        ({ instance }) => instance === 'h:2',
      )([scraped(['h:1', 'up'], ['h:2', 'down'])]),
      'edgehub scrapes 2 agents',
    ],
  ])('%s', (_what, evaluation, summary) => {
    expect(evaluation).toMatchObject({ verdict: 'pass', summary });
  });

  it.each([
    ['hubs that are others than before', central([{ ...elsewhere, before: phase1 }]), /a uses "primary".*knows 2 hubs/],
    ['the same, if nothing says why', central([{ ...elsewhere, before: phase1, changed: false }]), /a uses "primary"/],
    ['more hubs than before', central([{ ...uses(shown('central'), shown([{}, {}, {}])), before: kept }]), /3 hubs/],
    ['hubs of which nobody knows, after a move', central([elsewhere]), /a uses "primary"/],
    [
      'health that came before',
      judges.postsToPeers(1)([{ ...silent, before: phase1, changed: false }]),
      /p has no health of a/,
    ],
    [
      'another job than theirs',
      jobsGone([{ ...hub(['gw-main', 'gw-pc2']), theirs: ['gw-pc2'] }]),
      /^edgehub still has gw-main$/,
    ],
    ['a stream of ours beside theirs', judges.streamsGone([stream('t', ['n', true, true]), theirs('left')]), /^t is/],
    ['another program', judges.runAgain([program('a', 'FATAL')], ['agent b', 'a']), /^a is FATAL$/],
  ])('but not %s', (_what, evaluation, says) => {
    expect(evaluation).toMatchObject({ verdict: 'fail', summary: expect.stringMatching(says) });
  });
});

describe('a run has changed', () => {
  const pilot = { kind: 'agent.restore', target: 'a', machine: 'm' } as const;
  const record = (verdict: Evaluation['verdict']) => ({
    id: 'deploy',
    machine: 'm',
    verdict,
    summary: '',
    evidence: {},
    startedAt: 0,
    endedAt: 0,
    attempts: 1,
  });
  const none = { records: {}, history: [] };

  it.each([
    ['what a ledger has of it', [entry('agent.restore', 'a', { result: 'already' })], none, true],
    ['what it remembers, where no ledger has it', nothing, { ...none, history: [record('pass')] }, true],
    ['what it remembers to stand', nothing, { ...none, records: { deploy: record('pass') } }, true],
    ['nothing that was refused', nothing, { ...none, history: [record('fail')] }, false],
    ['nothing of the same name elsewhere', [{ ...entry('agent.restore', 'a'), machine: 'other' }], none, false],
    ['nothing else of that name', [entry('container.remove', 'a')], none, false],
  ])('%s', (_what, undoneThere, state, is) => {
    expect(changesOf(undoneThere, state)(pilot, 'deploy')).toBe(is);
  });
});

describe('pilotsRestored', () => {
  it('passes pilots that came back, each with its time, whatever else was undone', () => {
    expect(
      pilotsRestored([
        entry('agent.restore', 'a'),
        entry('agent.restore', 'b', { result: 'already', ms: 0 }),
        entry('directory.remove', '/x', { result: 'failed' }),
      ]),
    ).toEqual({ verdict: 'pass', summary: 'a undone in 7 ms, b already in 0 ms', evidence: { 'a ms': 7, 'b ms': 0 } });
  });

  it('fails a pilot that did not come back, with the reason', () => {
    expect(
      pilotsRestored([
        entry('agent.restore', 'a'),
        entry('agent.restore', 'b', { result: 'failed', detail: 'it does not start' }),
      ]),
    ).toMatchObject({ verdict: 'fail', summary: 'b: it does not start' });
  });

  it('says so when no pilot had been migrated', () => {
    expect(pilotsRestored([entry('directory.remove', '/x')])).toMatchObject({
      verdict: 'pass',
      summary: expect.stringContaining('none to stop'),
    });
  });
});

it('tells streams that were deleted from those that went with their servers', () => {
  expect(judges.streamsGone([stream('s', ['n', true, false], ['o', true, false])]).summary).toBe(
    '1 streams and their consumers gone from 2 servers',
  );
  expect(judges.streamsGone([stream('s', ['n', false, false])]).summary).toBe(
    '1 streams and their consumers gone with their servers',
  );
});
