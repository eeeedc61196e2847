// Verdicts of agents: what they show, their configurations, failover and observation.
import type { Watched } from '../../../../plan/evidence/watched.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as deployment from '../../../../plan/tasks/pilots/verdicts/deployment.ts';
import * as failover from '../../../../plan/tasks/pilots/verdicts/failover.ts';
import * as preparation from '../../../../plan/tasks/pilots/verdicts/preparation.ts';
import * as redundancy from '../../../../plan/tasks/pilots/verdicts/redundancy.ts';
import * as visibility from '../../../../plan/tasks/pilots/verdicts/visibility.ts';
import * as soak from '../../../../plan/tasks/soak/verdicts.ts';
import * as window from '../../../../plan/tasks/shared/watched.ts';
import { contractIsKnown, type Shows } from '../../../../plan/tasks/preflight/verdicts/contract.ts';
import { undisturbed } from '../../../../plan/tasks/shared/health.ts';
import { type Ranges, rangesOf } from '../../../../plan/evidence/sequence-sets.ts';
import type { AckRuns, AgentDeployed } from '../../../../plan/machine-api/agents.ts';
import { holds } from '../../../property.ts';
import { applyEdit } from '../../../../plan/yaml/edit.ts';
import { dualHubSettings } from '../../../../plan/tasks/pilots/config.ts';
import { judge, type Judged } from '../judged.ts';
import type { Evaluation } from '../../../../plan/week/record.ts';
import { weekPlan } from '../plan.ts';

const judges = {
  ...deployment,
  ...failover,
  ...preparation,
  ...redundancy,
  ...visibility,
  ...soak,
  ...window,
  contractIsKnown,
  undisturbed,
};

const { failoverTimes, ...judgesOnly } = judges;

const shown = (value: unknown, found = true) => ({ found, value, waitedMs: 1, error: found ? undefined : 'refused' });
const contract = judges.contractIsKnown({
  migration: { contract: {} },
  agents: [{ name: 'r', kind: 'resource_manager', functions: [] }],
} as unknown as Parameters<typeof judges.contractIsKnown>[0]);
const shows = (change: Partial<Shows> = {}): Shows => ({
  agent: 'a',
  pilot: true,
  health: true,
  log: true,
  activeHub: true,
  acks: true,
  nats: true,
  check: false,
  ...change,
});
const valid = { ours: { ok: true, message: '' }, agents: null };
const invalid = (line: number) => ({ ours: { ok: false, line, message: 'a number is wanted' }, agents: null });
const newConfig = (changedKeys: string[], commentsKept = true) =>
  judges.newConfigIs(['nats'])({ path: 'a.new', sha256: 'x', changed: true, changedKeys, commentsKept });
const plan = weekPlan();
const template = (change = (text: string) => text) => {
  const settings = dualHubSettings(plan, plan.agents[0]!);
  return judges.templateIs(plan)([
    { agent: 'a', machine: 'PC2', text: change(applyEdit('# the template alone\n', { kind: 'dual-hub', settings })) },
  ]);
};
const preview = (added: number, removed: number, state = 'RUNNING', had: string[] = [], lost?: string[]) =>
  judges.showsChanges(had)([{ agent: 'a', preview: { difference: '', added, removed, state, ...(lost && { lost }) } }]);
const deploy = (state: string): AgentDeployed => ({ pid: 7, state, downMs: 10, sha256: 'x', action: 'swapped' });
const log = (lines: number, matches: number, watchedMs = 300_000, missed = 0) =>
  judges.logIsClean(300_000)({ lines, matches, first: ['ERROR x'].slice(0, matches), watchedMs, missed });
const hubs = (reachable: boolean[], active = shown('primary')) =>
  judges.dualHub({ active, hubs: shown(reachable.map((is, index) => ({ role: `hub ${index}`, reachable: is }))) });
const aged = (...agesS: number[]) =>
  judges.fresh(60_000)({ series: agesS.map((age) => ({ labels: {}, value: 1_000 - age, at: 1_000 })) });
const works = (value: unknown, found = true) => judges.works({ f: '^\\d+$' })([{ name: 'f', is: shown(value, found) }]);
const present = { status: null, isThere: true };
const correlates = (...statuses: unknown[]) =>
  judges.correlates([
    {
      agent: 'a',
      seen: statuses.map((status, index) => ({ from: `m${index}`, ...(status === present ? present : { status }) })),
    },
  ]);
const standing = (pid: number | null, centralStartedAt = 't0') => ({ programs: { a: pid }, centralStartedAt });
const inHubs = (...hubsOf: [hub: string, isThere: boolean, why?: string][]) =>
  judges.inBothHubs(
    hubsOf.map(([hub, isThere, why]) => ({ agent: 'a', hub, isThere, ...(why !== undefined && { why }) })),
  );

const inScrapes = (...counts: [metrics: number, lacks: number][]) =>
  judges.redundant({
    found: counts.map(([metrics, lacks], index) => ({
      target: 'a',
      hub: `h${index}`,
      metrics,
      lacks,
      first: lacks > 0 ? ['up'] : [],
    })),
  });

const its = { target: 'a', hub: 'h', metrics: 40, lacks: 0, first: [] };
/** CentralHub scrapes it, and names it by labels that nobody knows. */
const relabelled = { found: [its, { ...its, hub: 'central', metrics: 0, lacks: 40, relabelled: true as const }] };

/** EdgeHub is stopped at 10,000 and started at 40,000. */
const primary = (fromMs: number, toMs: number, sequences: Ranges): AckRuns['runs'][number] => ({
  hub: 'primary',
  fromMs,
  toMs,
  sequences,
  count: 1,
});
const fallback = (fromMs: number, toMs: number, sequences: Ranges): AckRuns['runs'][number] => ({
  hub: 'fallback',
  fromMs,
  toMs,
  sequences,
  count: 1,
});
const away = (...runs: AckRuns['runs']): failover.FailoverSeen => ({
  agent: 'a',
  acks: { runs },
  stoppedAt: 10_000,
  startedAt: 40_000,
  read: [[1, 9]],
  inBoth: [],
});
const there = primary(5_000, 9_800, [[1, 3]]);
const whole = away(there, fallback(10_400, 42_000, [[4, 6]]), primary(43_000, 50_000, [[7, 9]]));
const swift = away(there, fallback(10_400, 42_000, [[4, 6]]), primary(42_500, 50_000, [[7, 9]]));
const mute: failover.FailoverSeen = { ...whole, acks: null };

const watched = (change: Partial<Watched> = {}): Watched => ({
  creditMs: 1_000,
  longestGapMs: 10,
  restarts: 0,
  targets: { hub: { up: 10, down: 2, longestDown: 2 } },
  restarted: [],
  ...change,
});
const heldUp = (change: Partial<Watched> = {}) =>
  judges.heldUp(1_000, { tolerate: 2, sampleInterval: 100, failedAtMost: 0.1 })(watched(change));
const heldUpFor = (samples: number, down: number) =>
  heldUp({ targets: { hub: { up: samples - down, down, longestDown: 2, firstError: 'answered 503' } } });

it.each([
  ['there and back', whole, { failoverMs: 600, backMs: 1_000, returnMs: 3_000 }],
  [
    'back in the moment in which the hub is',
    away(there, fallback(10_400, 39_900, []), primary(39_980, 50_000, [])),
    { failoverMs: 600, backMs: 80, returnMs: 0 },
  ],
  ['never away', away(there), { failoverMs: null, backMs: null, returnMs: null }],
  ['away and not back', away(there, fallback(12_000, 42_000, [])), { failoverMs: 2_200, backMs: null, returnMs: null }],
  [
    'away already before the stop and back since',
    away(
      primary(0, 1_000, []),
      fallback(1_500, 2_500, []),
      there,
      fallback(11_000, 42_000, []),
      primary(45_000, 46_000, []),
    ),
    { failoverMs: 1_200, backMs: 3_000, returnMs: 5_000 },
  ],
  [
    'on the primary again too early to be a return',
    away(
      there,
      fallback(10_400, 20_000, []),
      primary(20_500, 21_000, []),
      fallback(22_000, 41_000, []),
      primary(44_000, 45_000, []),
    ),
    { failoverMs: 600, backMs: 3_000, returnMs: 4_000 },
  ],
  [
    'never away, and on the primary all the time',
    away(primary(5_000, 50_000, [])),
    { failoverMs: null, backMs: null, returnMs: null },
  ],
  [
    'on the fallback alone, from the beginning',
    away(fallback(5_000, 42_000, [])),
    { failoverMs: null, backMs: null, returnMs: null },
  ],
  ['unknown', mute, { failoverMs: null, backMs: null, returnMs: null }],
])('times a failover as last acknowledgement to first: %s', (_what, seen, times) => {
  expect(failoverTimes(seen)).toEqual(times);
});

it('names every lost batch, and finds nothing lost when either hub has it (negative control)', () => {
  expect(
    judges.losesNothing([
      {
        ...whole,
        read: [
          [1, 4],
          [6, 9],
        ],
      },
    ]),
  ).toMatchObject({ verdict: 'fail', summary: 'a lost 1 of 9: 5' });
  expect(judges.losesNothing([{ ...whole, read: [[1, 20]] }])).toMatchObject({
    verdict: 'pass',
    evidence: { acknowledged: 9, lost: 0 },
  });
});

describe('batches between two acknowledgements', () => {
  // 41 to 54 of 100, in the middle of the time on the fallback.
  const gap = (change: Partial<failover.FailoverSeen> = {}): failover.FailoverSeen => ({
    ...away(
      primary(5_000, 9_800, [[1, 30]]),
      fallback(10_400, 42_000, [
        [31, 40],
        [55, 70],
      ]),
      primary(43_000, 50_000, [[71, 100]]),
    ),
    read: [
      [1, 40],
      [55, 100],
    ],
    ...change,
  });

  it('are lost when they are in no hub, though nobody acknowledged them', () => {
    expect(judges.losesNothing([gap({ restarted: false })])).toMatchObject({
      verdict: 'fail',
      summary: 'a lost 14 of 100: 41-54, 14 of them never acknowledged',
      evidence: { acknowledged: 86, lost: 14 },
    });
    expect(judges.losesNothing([gap({ restarted: false, read: [[1, 100]] })])).toMatchObject({
      verdict: 'pass',
      evidence: { acknowledged: 86, lost: 0, recovered: 14 },
    });
  });

  it('may never have been sent by an agent that was restarted meanwhile', () => {
    expect(judges.losesNothing([gap({ restarted: true })])).toMatchObject({
      verdict: 'inconclusive',
      summary: expect.stringMatching(/a was restarted meanwhile: nobody acknowledged 41-54/),
    });
    expect(
      judges.losesNothing([
        gap({
          restarted: true,
          read: [
            [1, 39],
            [55, 100],
          ],
        }),
      ]),
    ).toMatchObject({
      verdict: 'fail',
      summary: 'a lost 1 of 86: 40',
    });
    expect(judges.losesNothing([gap({ restarted: true, read: [[1, 100]] })]).verdict).toBe('pass');
  });

  it('were not looked for in weeks that began before', () => {
    expect(judges.losesNothing([gap()])).toMatchObject({ verdict: 'pass', evidence: { acknowledged: 86, lost: 0 } });
  });

  it('are those between the last one before the window and the first in it, too', () => {
    const rotated = gap({ restarted: false, read: [[4, 100]] });
    const before = (seq: number | null) => ({ ...rotated, acks: { ...rotated.acks!, before: seq } });
    const late = {
      ...before(-3),
      read: [
        [-2, -1],
        [1, 100],
      ] as Ranges,
    };
    expect(judges.losesNothing([late])).toMatchObject({
      verdict: 'fail',
      summary: expect.stringMatching(/^a lost 1 of 103: 0,/),
    });
    expect(judges.losesNothing([before(0)])).toMatchObject({ verdict: 'fail', summary: 'a lost 3 of 100: 1-3' });
  });

  it('are not known where the acknowledgements do not reach back to the beginning', () => {
    const short = { ...whole, restarted: false, acks: { ...whole.acks!, before: null } };
    const says = { verdict: 'inconclusive', summary: expect.stringMatching(/acknowledgements of a do not reach back/) };
    expect(judges.losesNothing([short])).toMatchObject(says);
    expect(judges.failsOver(5_000, 3_000)([short])).toMatchObject(says);
    expect(judges.returns([short])).toMatchObject(says);
    // What is lost is lost.
    expect(judges.losesNothing([{ ...short, read: [[1, 8]] }])).toMatchObject({ verdict: 'fail' });
  });

  it('are lost exactly when they were attempted and are in no hub, whoever was told (property)', () => {
    const some = fc.uniqueArray(fc.integer({ min: 1, max: 30 }), { minLength: 1 });
    holds(
      fc.property(some, fc.uniqueArray(fc.integer({ min: 1, max: 30 })), (acknowledged, there) => {
        const [first, last] = [Math.min(...acknowledged), Math.max(...acknowledged)];
        const attempted = Array.from({ length: last - first + 1 }, (_, index) => first + index);
        const seen = { ...away(primary(0, 1, rangesOf(acknowledged))), restarted: false, read: rangesOf(there) };
        const missing = attempted.filter((number) => !there.includes(number)).length;
        expect(judges.losesNothing([seen])).toMatchObject({
          verdict: missing > 0 ? 'fail' : 'pass',
          evidence: { acknowledged: acknowledged.length, lost: missing },
        });
      }),
      500,
    );
  });
});

it('tells what came without an acknowledgement and what came twice, between the first and the last acknowledgement, and fails for neither (negative control)', () => {
  const gaps = away(there, fallback(10_400, 42_000, [[6, 6]]), primary(43_000, 50_000, [[9, 9]]));
  expect(
    judges.losesNothing([
      {
        ...gaps,
        read: [[0, 20]],
        inBoth: [
          [0, 0],
          [5, 6],
          [10, 10],
        ],
      },
      whole,
    ]),
  ).toMatchObject({ verdict: 'pass', evidence: { acknowledged: 5 + 9, lost: 0, recovered: 4, duplicates: 2 } });
});

it('tells whose new file nothing but our own schema has seen', () => {
  const found = ['a', 'b'].map((agent) => ({ agent, is: valid }));
  expect(judges.validates(found, true)).toMatchObject({
    verdict: 'pass',
    // Not "0 loaded", which nobody takes for a warning.
    summary:
      '2 files validate; warning: a, b have no check of their own: whether a new file loads is not known before the deployment',
    evidence: { unchecked: 2 },
  });
  expect(judges.validates(found).summary).not.toMatch(/warning/);
});

it('a pilot without a check of its own is a warning of the preflight already, a bystander is none', () => {
  const warned = (check: boolean, pilot = true) => contract([shows({ check, pilot })]).summary.includes('warning: a ');
  expect([warned(false), warned(true), warned(false, false)]).toEqual([true, false, false]);
});

it('what the report will lack is said beside what each deployment changes, and fails nothing', () => {
  const one = [{ agent: 'a', preview: { difference: '', added: 3, removed: 0, state: 'RUNNING' } }];
  expect(judges.showsChanges([], 'ENOSPC')(one)).toMatchObject({
    verdict: 'pass',
    summary: 'a +3; the report will lack it: ENOSPC',
  });
});

it('the rows that ask for functions are named for an agent that has none in the plan', () => {
  expect(contract([shows({ agent: 'r' })]).evidence['unsupported']).toEqual(['r system-metrics']);
  expect(contract([shows()]).evidence['unsupported']).toEqual([]);
});

judge({
  contractIsKnown: {
    passes: [
      contract([shows(), shows({ agent: 'b', pilot: false, log: false, acks: false })]),
      contract([shows({ acks: false })]),
    ],
    fails: [
      [contract([shows({ health: false })]), /a does not answer its health URL$/],
      [
        contract([shows({ health: false, why: 'answered 401 (it wants a login)' })]),
        /a does not answer its health URL: answered 401 \(it wants a login\)/,
      ],
      [contract([shows({ log: false })]), /a has no log file/],
    ],
    noData: [[contract([]), 'inconclusive']],
  },
  backedUp: {
    passes: [judges.backedUp([{ agent: 'a', sha256: 'x', original: 'x', backup: 'a.backup' }])],
    fails: [
      [
        judges.backedUp([{ agent: 'a', sha256: 'x', original: 'y', backup: 'a.backup' }]),
        /a\.backup is not what the configuration is/,
      ],
    ],
    noData: [
      [judges.backedUp([]), 'inconclusive'],
      [judges.backedUp([{ agent: 'a', sha256: 'x', original: null, backup: 'a.backup' }]), 'fail'],
    ],
  },
  rejectsBroken: {
    passes: [judges.rejectsBroken(4)({ good: valid, broken: invalid(4) })],
    fails: [
      [judges.rejectsBroken(4)({ good: valid, broken: valid }), /a broken file is accepted/],
      [judges.rejectsBroken(4)({ good: valid, broken: invalid(5) }), /line 4; line 5 is named/],
      [judges.rejectsBroken(4)({ good: invalid(1), broken: invalid(4) }), /a good file is refused/],
    ],
    noData: [
      [judges.rejectsBroken(4)({ good: valid, broken: { ours: { ok: false, message: '?' }, agents: null } }), 'fail'],
    ],
  },
  newConfigIs: {
    passes: [newConfig(['nats'])],
    fails: [
      [newConfig(['nats', 'port']), /changes port too/],
      [newConfig(['nats'], false), /comments or order were lost/],
    ],
    noData: [[newConfig([], false), 'fail']],
  },
  templateIs: {
    passes: [template()],
    fails: [
      [
        template((text) => text.replace('http://PC2:9100', 'http://MainPC:9000')),
        /a: hub_endpoints\.primary is "http:\/\/MainPC:9000"; http:\/\/PC2:9100 is wanted/,
      ],
      [template((text) => text.replace(/ *recovery_timeout: .*\n/, '')), /recovery_timeout is missing; 300 is wanted/],
      [template((text) => text.replace(/max_retries: 3/, 'max_retries: "3"')), /max_retries is "3"; 3 is wanted/],
      [
        template((text) => text.replace(/( *)max_retries: 3/, '$&\n$1batch_timeout: 1')),
        /failover_config\.batch_timeout is 1; none is wanted/,
      ],
      ...['observability.metrics.mainpc', 'wrong.pc2'].map((subject): [Evaluation, RegExp] => [
        template((text) => text.replace('observability.metrics.pc2', subject)),
        /one that a stream takes for its machine is wanted: observability\.metrics\.pc2/,
      ]),
      [
        template((text) => text.replace('nats://PC2', 'nats://MainPC')),
        /nats\.nats_url is "nats:\/\/MainPC:\d+"; a server beside it is wanted: nats:\/\/PC2:\d+/,
      ],
      [template((text) => text.replace(/ *pushgateway: .*\n/, '')), /hub_endpoints\.pushgateway is missing/],
    ],
    noData: [
      [judges.templateIs(plan)([]), 'inconclusive'],
      [template(() => ''), 'fail'],
    ],
  },
  validates: {
    passes: [
      judges.validates([{ agent: 'a', is: valid }]),
      judges.validates([{ agent: 'a', is: { ...valid, agents: { ok: true, output: 'ok' } } }], true),
    ],
    fails: [
      [judges.validates([{ agent: 'a', is: invalid(3) }]), /a: line 3: a number is wanted/],
      [
        judges.validates([{ agent: 'a', is: { ...valid, agents: { ok: false, output: 'x\nno such key\n' } } }]),
        /a refuses it: no such key/,
      ],
    ],
    noData: [[judges.validates([]), 'inconclusive']],
  },
  showsChanges: {
    // It had all of it, as its new configuration says.
    passes: [preview(3, 0), preview(0, 0, 'RUNNING', ['a']), preview(3, 1, 'RUNNING', [], [])],
    fails: [
      [preview(3, 1), /1 lines would go/],
      [preview(3, 1, 'RUNNING', [], ['nats.user']), /a: would be gone, or changed by others: nats\.user/],
      [preview(3, 0, 'STOPPED'), /a is STOPPED/],
      [preview(0, 0, 'RUNNING', ['b']), /a: nothing would change/],
      [preview(0, 1, 'RUNNING', ['a']), /1 lines would go/],
    ],
    noData: [
      [judges.showsChanges()([]), 'inconclusive'],
      [preview(0, 0), 'fail'],
    ],
  },
  deployed: {
    passes: [judges.deployed('agent')(deploy('RUNNING'))],
    fails: [
      [judges.deployed('agent')(deploy('FATAL')), /^supervisord says FATAL$/],
      [judges.deployed('docker/agent')(deploy('STOPPED')), /^Docker says STOPPED$/],
      [judges.deployed('docker/agent')(deploy('UNHEALTHY')), /^it is UNHEALTHY$/],
    ],
    noData: [[judges.deployed('agent')(deploy('')), 'fail']],
  },
  logIsClean: {
    passes: [log(5, 0)],
    fails: [
      [log(5, 1), /1 error lines: ERROR x/],
      [log(5, 1, 10), /1 error lines/],
      [log(5, 1, 300_000, 1), /1 error lines/],
    ],
    noData: [
      [log(0, 0), 'inconclusive'],
      [log(5, 0, 299_999), 'inconclusive'],
      [log(5, 0, 300_000, 1), 'inconclusive'],
    ],
  },
  dualHub: {
    passes: [hubs([true, true])],
    fails: [
      [hubs([true, false]), /hub 1 not reachable/],
      [hubs([true]), /knows 1 hub/],
      [hubs([true, true], shown('fallback', false)), /active hub is "fallback"/],
    ],
    noData: [
      [judges.dualHub({ active: null, hubs: null }), 'inconclusive'],
      [judges.dualHub({ active: shown('primary'), hubs: shown(undefined, false) }), 'inconclusive'],
      [hubs([]), 'fail'],
    ],
  },
  healthy: {
    passes: [
      judges.healthy()(shown({ status: 'ok', agent: 'a' })),
      // What it calls itself is its own.
      judges.healthy()({ ...shown({ status: 'ok', agent: 'edge-metrics/2.1' }), answers: true }),
      // An answer of 2xx is enough, whatever is in it.
      ...[null, 'OK', 1, [], {}, { status: 'UP' }, { status: 'pass', agent: { version: 2 } }, { status: true }].map(
        (value) => judges.healthy()({ ...shown(value), answers: true }),
      ),
      judges.healthy()({ ...shown(null, false), answers: true }),
    ],
    fails: [
      ...['degraded', 'DOWN', 'Unhealthy', 'failing', 'not ready', 'OUT_OF_SERVICE'].map(
        (status): [Evaluation, RegExp] => [
          judges.healthy()({ ...shown({ status }), answers: true }),
          new RegExp(`status ${status}`),
        ],
      ),
      [judges.healthy()({ ...shown({ status: 'ok' }), answers: false, error: 'answered 503' }), /answered 503/],
      [judges.healthy()(shown({ status: 'failing' })), /status failing/],
      // In a week of before.
      [judges.healthy('a')(shown({ status: 'ok', agent: 'b' })), /it is b/],
    ],
    noData: [
      [judges.healthy()(shown(undefined, false)), 'fail'],
      [judges.healthy()(shown(null)), 'fail'],
    ],
  },
  fresh: {
    passes: [aged(60), aged(500, 5)],
    fails: [[aged(61), /1m 1s old; 1m are allowed/]],
    noData: [[aged(), 'fail']],
  },
  works: {
    passes: [
      works(12),
      // A secret is not told, only whether it is as it should be.
      judges.works({ f: '^\\d+$' })([{ name: 'f', is: { ...shown('[secret#0]', true), matches: true } }]),
    ],
    fails: [
      [works('n/a'), /f answers "n\/a"/],
      [judges.works({ f: '.' })([{ name: 'f', is: { ...shown(12, true), matches: false } }]), /f answers 12/],
      [works(undefined, false), /f: refused/],
    ],
    noData: [
      [judges.works({})([]), 'inconclusive'],
      [judges.works({ f: '.' })([]), 'fail'],
    ],
  },
  arrives: {
    passes: [judges.arrives(2)([{ server: 'n', is: { messages: 2, newest: {} } }])],
    fails: [
      [
        judges.arrives(2)([
          { server: 'n', is: { messages: 2, newest: {} } },
          { server: 'm', is: { messages: 1, newest: {} } },
        ]),
        /1 messages on m/,
      ],
      [
        judges.arrives(2)([
          { server: 'n', is: { messages: 0, newest: null, error: 'no reader' } },
          { server: 'm', is: { messages: 1, newest: {} } },
        ]),
        /1 messages on m/,
      ],
    ],
    noData: [
      [judges.arrives(2)([]), 'inconclusive'],
      [judges.arrives(2)([{ server: 'n', is: { messages: 0, newest: null } }]), 'fail'],
      // Nothing says that it connects to NATS.
      [judges.arrives(2, false)([{ server: 'n', is: { messages: 0, newest: null } }]), 'inconclusive'],
      [
        judges.arrives(2)([
          { server: 'n', is: { messages: 2, newest: {} } },
          { server: 'm', is: { messages: 0, newest: null, error: 'NATS took no reader' } },
        ]),
        'inconclusive',
      ],
    ],
  },
  seenFrom: {
    passes: [
      judges.seenFrom([{ from: 'm', is: shown('ok') }]),
      judges.seenFrom([{ from: 'm', is: { ...shown(null, false), answers: true } }]),
    ],
    fails: [
      [
        judges.seenFrom([
          { from: 'm', is: shown('ok') },
          { from: 'n', is: shown(undefined, false) },
        ]),
        /not seen from n: refused/,
      ],
    ],
    noData: [[judges.seenFrom([]), 'inconclusive']],
  },
  failsOver: {
    passes: [judges.failsOver(1_001, 300)([whole]), judges.failsOver(601, 300)([swift])],
    fails: [
      [judges.failsOver(600, 300)([swift]), /a took 600 ms; below 600 ms is wanted/],
      [judges.failsOver(1_000, 300)([whole]), /a took 1000 ms back; below 1000 ms is wanted/],
      [judges.failsOver(600, 300)([away(there)]), /nothing on the fallback/],
      [judges.failsOver(5_000, 300)([away(there, fallback(10_400, 42_000, []))]), /nothing on the primary/],
    ],
    noData: [
      [judges.failsOver(600, 300)([]), 'inconclusive'],
      [judges.failsOver(600, 300)([whole, mute]), 'inconclusive'],
      [judges.failsOver(600, 300)([away()]), 'fail'],
    ],
  },
  returns: {
    passes: [judges.returns([whole])],
    fails: [[judges.returns([whole, away(there)]), /a is not back/]],
    noData: [
      [judges.returns([]), 'inconclusive'],
      [judges.returns([mute]), 'inconclusive'],
    ],
  },
  losesNothing: {
    passes: [judges.losesNothing([whole])],
    fails: [
      [judges.losesNothing([whole, { ...whole, agent: 'b', read: [[2, 9]] }]), /b lost 1 of 9: 1/],
      [judges.losesNothing([{ ...whole, read: [] }]), /a lost 9 of 9: 1-9/],
    ],
    noData: [
      [judges.losesNothing([]), 'inconclusive'],
      [judges.losesNothing([mute]), 'inconclusive'],
      [judges.losesNothing([{ ...whole, read: null }]), 'inconclusive'],
      [judges.losesNothing([whole, away()]), 'inconclusive'],
    ],
  },
  heldUp: {
    passes: [heldUp(), heldUp({ creditMs: 1_001, restarts: 2 }), heldUpFor(3_000, 3)],
    fails: [
      [
        heldUp({ targets: { hub: { up: 9, down: 3, longestDown: 3, firstError: 'answered 503' } } }),
        /hub down in 3 samples in a row: answered 503/,
      ],
      [heldUpFor(3_000, 4), /hub down in 4 of 3000 samples, 3 may fail: answered 503/],
      // A day of 15 s, two of three samples down.
      [heldUpFor(5_760, 3_840), /hub down in 3840 of 5760 samples, 5 may fail/],
      [heldUp({ restarted: ['program a'] }), /program a was restarted/],
      // What is known to be broken counts, however short the window.
      [heldUp({ creditMs: 0, restarted: ['program a'] }), /restarted/],
    ],
    noData: [
      [heldUp({ creditMs: 999 }), 'inconclusive'],
      [heldUp({ targets: {} }), 'inconclusive'],
      [heldUp({ targets: { ...watched().targets, agent: { up: 0, down: 0, longestDown: 0 } } }), 'inconclusive'],
      [heldUp({ creditMs: 1, targets: { hub: { up: 9, down: 0, longestDown: 0, unknown: 3 } } }), 'inconclusive'],
    ],
  },
  correlates: {
    passes: [
      correlates('ok', 'ok', 'ok'),
      // An agent need not tell a state.
      correlates(present, present),
      correlates('ok', present, 'ok'),
    ],
    fails: [
      [correlates('ok', 'degraded'), /m0: ok, m1: degraded/],
      [correlates('ok', present, 'degraded'), /m0: ok, m1: null, m2: degraded/],
    ],
    noData: [
      [judges.correlates([]), 'inconclusive'],
      [correlates('ok'), 'inconclusive'],
      [correlates('ok', null), 'inconclusive'],
      [correlates(present, null), 'inconclusive'],
      [correlates(undefined, undefined), 'inconclusive'],
    ],
  },
  undisturbed: {
    passes: [
      judges.undisturbed({ before: standing(7), after: standing(7) }),
      // CentralHub is on a machine that is gone.
      judges.undisturbed({ before: standing(7), after: { programs: { a: 7 } } }),
      judges.undisturbed({ before: standing(7), after: standing(7) }, true),
    ],
    fails: [
      [judges.undisturbed({ before: standing(7), after: standing(8) }), /a had pid 7, has 8/],
      [judges.undisturbed({ before: standing(7), after: { programs: { a: 8 } } }), /^a had pid 7, has 8$/],
      [judges.undisturbed({ before: standing(7), after: standing(7, 't1') }), /CentralHub was restarted at t1/],
      [
        judges.undisturbed({ before: standing(7, ''), after: standing(7, '') }, true),
        /CentralHub's container is not found/,
      ],
    ],
    noData: [
      [judges.undisturbed({ before: undefined, after: standing(7) }), 'inconclusive'],
      [judges.undisturbed({ before: standing(null), after: standing(null) }), 'fail'],
    ],
  },
  inBothHubs: {
    passes: [inHubs(['h', true], ['i', true])],
    fails: [
      [inHubs(['h', true], ['i', false]), /^a is not in i$/],
      [inHubs(['h', true], ['i', false, 'it scrapes nothing at M:1']), /^a is not in i: it scrapes nothing at M:1$/],
      [inHubs(['h', true]), /only one hub was asked/],
    ],
    noData: [[inHubs(), 'inconclusive']],
  },
  redundant: {
    passes: [inScrapes([40, 0], [40, 0])],
    fails: [
      [inScrapes([40, 0], [39, 1]), /^h1 lacks 1 metrics of a: up$/],
      [inScrapes([40, 0], [0, 40]), /^h1 scrapes nothing of a$/],
      [inScrapes([0, 0], [0, 0]), /h0 scrapes nothing of a; h1 scrapes nothing of a/],
      [inScrapes([40, 0]), /only one hub was asked/],
      [
        judges.redundant({ found: [...relabelled.found, { ...relabelled.found[0]!, hub: 'i', lacks: 2 }] }),
        /i lacks 2/,
      ],
    ],
    noData: [
      [judges.redundant({ found: [], error: 'refused' }), 'inconclusive'],
      [judges.redundant(relabelled), 'inconclusive'],
    ],
  },
  programsRun: {
    passes: [judges.programsRun([{ agent: 'a', program: 'p', state: 'RUNNING', pid: 1, uptimeS: 1 }])],
    fails: [
      [judges.programsRun([{ agent: 'a', program: 'p', state: 'FATAL', pid: null, uptimeS: null }]), /a is FATAL/],
    ],
    noData: [[judges.programsRun([]), 'inconclusive']],
  },
} satisfies Record<keyof typeof judgesOnly, Judged>);
