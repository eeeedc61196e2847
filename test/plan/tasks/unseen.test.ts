// Who asks and is refused has found nothing: no judge takes that for a failure, and none for a pass.
import { expect, it } from 'vitest';
import type { ContainerState } from '../../../plan/machine-api/containers.ts';
import type { Agent } from '../../../plan/schema/agent.ts';
import { keptItsSamples, remoteWriteWorks, scraping } from '../../../plan/tasks/edgehub/verdicts.ts';
import { connects } from '../../../plan/tasks/messaging/verdicts/cluster.ts';
import { replicated, streamIs } from '../../../plan/tasks/messaging/verdicts/streams.ts';
import { deployed, fresh, healthy } from '../../../plan/tasks/pilots/verdicts/deployment.ts';
import { inBothHubs } from '../../../plan/tasks/pilots/verdicts/visibility.ts';
import { jobsAreUp, pushed, reloaded, scrapesAgents, visible } from '../../../plan/tasks/pushgateways/verdicts.ts';
import { reachableFromAll, runningAndReady } from '../../../plan/tasks/shared/container.ts';
import { noWorse } from '../../../plan/tasks/shared/health.ts';
import { seenIn } from '../../../plan/tasks/shared/targets.ts';
import { contractIsKnown } from '../../../plan/tasks/preflight/verdicts/contract.ts';
import type { Evaluation } from '../../../plan/week/record.ts';
import { weekPlan } from './plan.ts';

const error = 'answered 401 (it refuses the basicAuth of the plan: passwordFile /etc/site/password)';
const probe = { url: 'https://PC2:9100/', ok: false, status: 401, latencyMs: 1, error };
const refused = { unknown: true } as const;
/** Of a hub that gave nothing else. */
const none = { waitedMs: 60_000, error };
const up = { job: 'job', instance: 'PC2:8101', health: 'up', lastError: '' };
const sample = { labels: {}, value: 1, at: 1 };
const stream = {
  stream: 's',
  messages: 0,
  lastSequence: 0,
  leader: null,
  replicas: [],
  subjects: {},
  consumers: [],
  waitedMs: 1,
};
/** As NATS has it. */
const refusedBy = ({ unknown }: { unknown?: true }) => (unknown ? { refused: unknown } : {});

it.each<[string, (answer: { unknown?: true }) => Evaluation]>([
  [
    'a container',
    (answer) => runningAndReady({ state: { running: true } as ContainerState, ready: { ...probe, ...answer } }),
  ],
  ['a look from everywhere', (answer) => reachableFromAll([{ from: 'PC2', probe: { ...probe, ...answer } }])],
  ['agents', (answer) => noWorse([])({ targets: null, agents: [{ name: 'one', ok: false, error, ...answer }] })],
  ['a push', (answer) => pushed(5)({ probe: { ...probe, ...answer }, read: { value: 4 } })],
  [
    'a deployment',
    (answer) =>
      deployed('agent')({ pid: 7, state: 'UNHEALTHY', downMs: 1, sha256: 'x', action: 'swapped', error, ...answer }),
  ],
  [
    'a reload',
    (answer) =>
      reloaded([
        {
          hub: 'hub',
          jobs: ['job'],
          restartPolicy: 'always',
          reload: { how: 'http', successful: false, jobs: [], ...none, ...answer },
        },
      ]),
  ],
  ["a hub's jobs", (answer) => jobsAreUp([{ hub: 'hub', jobs: ['job'], targets: [], ...none, ...answer }])],
  ['a metric in a hub', (answer) => visible([{ hub: 'hub', metric: 'm', value: 1, series: [], ...none, ...answer }])],
  ['who scrapes agents', (answer) => scrapesAgents(['PC2:8101'])([{ hub: 'hub', targets: [], ...none, ...answer }])],
  [
    'agents in both hubs',
    (answer) =>
      inBothHubs([
        { agent: 'one', hub: 'other', isThere: true },
        seenIn('hub', { name: 'one', machine: 'PC2', port: 8101 } as Agent, { targets: [], ...none, ...answer }),
      ]),
  ],
  ['the newest sample', (answer) => fresh(60_000)({ series: [], ...none, ...answer })],
  [
    'what is stored',
    (answer) =>
      scraping(
        ['job'],
        60_000,
      )({ targets: { targets: [up], waitedMs: 1 }, stored: { series: [], ...none, ...answer } }),
  ],
  [
    'a remote write',
    (answer) =>
      remoteWriteWorks(60_000)({
        found: { series: [], ...none, ...answer },
        before: [sample],
        after: [sample],
        at: 1_000,
      }),
  ],
  ['an agent', (answer) => healthy('one')({ found: false, value: null, waitedMs: 1, error, ...answer })],
  [
    'a stream that is made',
    (answer) =>
      streamIs('s')({ made: { created: true, differs: [] }, state: { ...stream, error, ...refusedBy(answer) } }),
  ],
  ['replicas', (answer) => replicated({ s: 2 })([{ ...stream, error, ...refusedBy(answer) }])],
  [
    'a connection',
    (answer) =>
      connects(5_000)([
        { server: 'nats://a', connection: { connected: false, ms: 1, error, ...refusedBy(answer) } },
        { server: 'nats://b', connection: { connected: true, ms: 1 } },
      ]),
  ],
  [
    'a restart',
    (answer) =>
      keptItsSamples({
        before: { sequences: [[1, 9]], samples: 9 },
        after: { sequences: [[1, 9]], samples: 9 },
        startedBefore: 'a',
        startedAfter: 'b',
        ready: { ok: false, waitedMs: 1, error, ...answer },
      }),
  ],
])('%s', (_what, judged) => {
  expect(judged({})).toMatchObject({ verdict: 'fail', summary: expect.stringContaining(error) });
  expect(judged(refused)).toMatchObject({ verdict: 'inconclusive', summary: expect.stringContaining(error) });
});

it('two rows of a hub that refuses say it once, and what another fails in goes first', () => {
  const one = { hub: 'hub', metric: 'm', value: 1, series: [], ...none, ...refused };
  expect(visible([one, { ...one, metric: 'n' }])).toMatchObject({ summary: `hub is not seen: ${error}` });
  expect(visible([one, { hub: 'other', metric: 'm', value: 1, series: [] }])).toMatchObject({
    verdict: 'fail',
    summary: `m 1 is not in other (no series); hub is not seen: ${error}`,
  });
});

it('a health without targets says why', () => {
  const agents = [{ name: 'one', ok: true }];
  expect(noWorse([])({ targets: [], agents, error })).toMatchObject({
    verdict: 'inconclusive',
    summary: expect.stringContaining(error),
  });
});

it('a pilot in a CentralHub that nobody sees is not known to be scraped', () => {
  const shows = {
    agent: 'one',
    pilot: false,
    health: true,
    log: true,
    activeHub: true,
    acks: true,
    nats: true,
    check: true,
  };
  const plan = weekPlan();
  expect(contractIsKnown(plan)([{ ...shows, unseenInCentral: error }])).toMatchObject({
    verdict: 'inconclusive',
    summary: `CentralHub is not seen: ${error}`,
  });
  expect(contractIsKnown(plan)([{ ...shows, health: false, unseenInCentral: error }])).toMatchObject({
    verdict: 'fail',
  });
});
