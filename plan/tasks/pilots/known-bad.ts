// Samples that the verdicts of task 2D must not pass.
import * as deployment from './verdicts/deployment.ts';
import * as failover from './verdicts/failover.ts';
import * as preparation from './verdicts/preparation.ts';
import * as redundancy from './verdicts/redundancy.ts';
import * as undone from './verdicts/undone.ts';
import * as visibility from './verdicts/visibility.ts';
import { comparesBatches, type Plan } from '../../schema/plan.ts';
import type { Evaluation } from '../../week/record.ts';
import type { Rejections } from '../shared/rejections.ts';
import { dual, entry, unfound } from '../shared/samples.ts';

export function knownBad(plan: Plan): Record<string, Evaluation> {
  return {
    ...ofPreparation(plan),
    ...ofDeployment(plan),
    ...ofFailover(plan),
    ...ofAll(),
    ...ofUndos(plan),
    // What a week that began under an earlier build says of its judges stays as it was.
    ...(comparesBatches(plan) && ofRedundancy()),
  };
}

function ofPreparation(plan: Plan): Rejections<typeof preparation> {
  const valid = { ours: { ok: true, message: '' }, agents: null };
  return {
    backedUp: preparation.backedUp([{ agent: 'agent', sha256: 'one', original: 'other', backup: '/' }]),
    templateIs: preparation.templateIs(plan)([{ agent: 'agent', machine: 'one', text: 'hub_endpoints: {}\n' }]),
    rejectsBroken: preparation.rejectsBroken(1)({ good: valid, broken: valid }),
    newConfigIs: preparation.newConfigIs(['nats'])({
      path: '/',
      sha256: '',
      changed: true,
      changedKeys: ['port'],
      commentsKept: false,
    }),
    validates: preparation.validates([
      { agent: 'agent', is: { ours: { ok: false, line: 1, message: 'no' }, agents: null } },
    ]),
    showsChanges: preparation.showsChanges()([
      { agent: 'agent', preview: { difference: '', added: 1, removed: 1, state: 'RUNNING' } },
    ]),
  };
}

function ofDeployment({ watch, migration }: Plan): Rejections<typeof deployment> {
  return {
    deployed: deployment.deployed('agent')({ pid: 0, state: 'FATAL', downMs: 0, sha256: '', action: 'swapped' }),
    logIsClean: deployment.logIsClean(watch.log)({ lines: 1, matches: 1, first: ['ERROR'], watchedMs: watch.log }),
    dualHub: deployment.dualHub({ active: unfound, hubs: { found: true, value: [], waitedMs: 0 } }),
    healthy: deployment.healthy()(unfound),
    fresh: deployment.fresh(migration.freshWithin)({
      series: [{ labels: {}, value: 0, at: migration.freshWithin / 1_000 + 1 }],
    }),
    works: deployment.works({ what: '^yes$' })([{ name: 'what', is: { found: true, value: 'no', waitedMs: 0 } }]),
    arrives: deployment.arrives(1)([{ server: 'one', is: { messages: 0, newest: null } }]),
    seenFrom: deployment.seenFrom([{ from: 'one', is: unfound }]),
  };
}

function ofFailover({ limits }: Plan): Rejections<typeof failover, 'failoverTimes'> {
  const over = (ms: number): failover.FailoverSeen => ({
    agent: 'agent',
    acks: {
      runs: [
        { hub: 'primary', fromMs: 0, toMs: 1, sequences: [[1, 5]], count: 5 },
        { hub: 'fallback', fromMs: 1 + ms, toMs: 2 + ms, sequences: [[6, 10]], count: 5 },
      ],
    },
    stoppedAt: 1,
    startedAt: 3 + ms,
    read: [
      [1, 4],
      [6, 10],
    ],
    inBoth: [],
  });
  const slow = [over(limits.failover.limit)];
  return {
    failsOver: failover.failsOver(limits.failover.limit, limits.failover.target)(slow),
    returns: failover.returns(slow),
    losesNothing: failover.losesNothing(slow),
  };
}

function ofRedundancy(): Rejections<typeof redundancy> {
  return {
    redundant: redundancy.redundant({
      found: [
        { target: 'agent', hub: 'one', metrics: 2, lacks: 0, first: [] },
        { target: 'agent', hub: 'other', metrics: 1, lacks: 1, first: ['metric'] },
      ],
    }),
  };
}

function ofAll(): Rejections<typeof visibility> {
  return {
    correlates: visibility.correlates([
      {
        agent: 'agent',
        seen: [
          { from: 'one', status: 'ok' },
          { from: 'other', status: 'failing' },
        ],
      },
    ]),
    inBothHubs: visibility.inBothHubs([{ agent: 'agent', hub: 'one', isThere: true }]),
  };
}

function ofUndos({ emergency }: Plan): Rejections<typeof undone> {
  return {
    pilotsRestored: undone.pilotsRestored([entry('agent.restore', 'agent', 'failed')]),
    runAgain: undone.runAgain([{ agent: 'agent', program: 'agent', state: 'FATAL', pid: null, uptimeS: null }]),
    noneMoved: undone.noneMoved([{ agent: 'agent', moved: true }]),
    rehearsed: undone.rehearsed(emergency.level2)({
      undone: [entry('agent.restore', 'agent')],
      central: { verdict: 'pass', summary: '', evidence: {} },
      again: { pid: 1, state: 'RUNNING', downMs: 0, sha256: '', action: 'swapped' },
      hubs: dual,
      rollbackMs: emergency.level2,
      verifyMs: 1,
      migrateMs: 0,
    }),
  };
}
