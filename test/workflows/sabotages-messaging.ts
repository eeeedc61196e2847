// Sabotages of the checks of task 2C.
import { ApplicationFailure } from '@temporalio/common';
import type { ReadBack } from '../../plan/machine-api/nats.ts';
import { minus, union } from '../../plan/evidence/sequence-sets.ts';
import { but, type Sabotage } from './sabotage.ts';
import { noRestart } from './sabotages-hubs.ts';

const onPc2 = (_ask: unknown, machine: string) => machine === 'PC2';
/** Publishers are named after their step. */
const of = (step: string) => (ask: { publisher: string }) => ask.publisher.startsWith(`${step.replaceAll('.', '-')}-`);

const without7 = (is: ReadBack) => ({ sequences: minus(is.sequences, [[7, 7]]), messages: is.messages - 1 });
const gone = /1 acknowledged messages are missing: 7/;
/** An acknowledged message that the stream does not have. */
const loses = (step: string): Sabotage => ({
  what: 'an acknowledged message is missing',
  broken: but('readStream', without7, of(step)),
  expect: 'fail',
  says: gone,
});
/** A message under the publisher's name that it never sent. */
const unsent = (step: string): Sabotage => ({
  what: 'a message is there that nobody sent',
  broken: but(
    'readStream',
    (is) => ({ sequences: union(is.sequences, [[9_999, 9_999]]), messages: is.messages + 1 }),
    of(step),
  ),
  expect: 'fail',
  says: /1 messages that were never sent: 9999/,
});
const twice = (step: string): Sabotage => ({
  what: 'a message comes twice',
  broken: but('readStream', { duplicates: 1 }, of(step)),
  expect: 'fail',
  says: /1 duplicates/,
});
const acknowledgesNothing = (step: string): Sabotage => ({
  what: 'the server acknowledges nothing',
  broken: but('publish', { acknowledged: [] }, of(step)),
  expect: 'inconclusive',
  says: /nothing was acknowledged/,
});

const apart = but('natsCluster', { remotes: [] }, onPc2);
const noRoute = /nats-pc2 has no route to nats-main/;

export const messagingSabotages: Record<string, Sabotage[]> = {
  '2C.config.valid': [
    {
      what: 'the server refuses its configuration',
      broken: but('runOnce', { exitCode: 1, output: 'nats-server: unknown field "clustr"' }, onPc2),
      expect: 'fail',
      says: /nats-pc2\.conf: nats-server: unknown field/,
    },
  ],
  '2C.check.connection': [
    {
      what: 'a server takes no connection',
      broken: but('natsConnect', { connected: false, error: 'connection refused' }, onPc2),
      expect: 'fail',
      says: /nats:\/\/PC2:4223: connection refused/,
    },
    {
      what: 'a connection takes too long',
      broken: but('natsConnect', { ms: 5_200 }, onPc2),
      expect: 'fail',
      says: /took 5200 ms; at most 5000 ms/,
    },
  ],
  '2C.check.cluster': [
    { what: 'the servers do not find each other', broken: apart, expect: 'fail', says: noRoute },
    {
      what: 'a server is in another cluster',
      broken: but('natsCluster', { cluster: 'other' }, onPc2),
      expect: 'fail',
      says: /nats-pc2 is in cluster other/,
    },
  ],
  '2C.check.messaging': [
    {
      what: 'a message does not cross',
      broken: but('natsListen', { received: 19 }, onPc2),
      expect: 'fail',
      says: /nats-main to nats-pc2: 19 of 20 arrived/,
    },
  ],
  '2C.check.jetstream': [
    {
      what: 'there is no meta leader',
      broken: but('natsCluster', { metaLeader: null }),
      expect: 'fail',
      says: /there is no meta leader/,
    },
  ],
  '2C.check.monitoring': [
    {
      what: 'a monitoring page does not answer',
      broken: but('awaitReady', { ok: false, status: 500 }, (ask) => ask.url === 'http://PC2:8223/varz'),
      expect: 'fail',
      says: /http:\/\/PC2:8223\/varz from MainPC: 500/,
    },
  ],
  '2C.check.restart': [
    {
      what: 'the servers do not restart',
      broken: noRestart,
      expect: 'fail',
      says: /nats-main, nats-pc2 did not restart/,
    },
    { what: 'a server does not join again', broken: apart, expect: 'fail', says: noRoute },
  ],
  '2C.streams.replicated': [
    {
      what: 'a replica is not current',
      broken: but(
        'streamState',
        (is) => ({ replicas: is.replicas.map((replica, index) => ({ ...replica, current: index === 0 })) }),
        ({ stream }) => stream === 'observability-alerts',
      ),
      expect: 'fail',
      says: /observability-alerts: 1 of 2 replicas are current/,
    },
  ],
  '2C.subjects': [
    {
      what: 'another stream takes a subject too',
      broken: but(
        'streamState',
        (is) => ({ subjects: { ...is.subjects, 'observability.metrics.pc2': 1 } }),
        ({ stream }) => stream === 'observability-alerts',
      ),
      expect: 'fail',
      says: /observability\.metrics\.pc2 is in observability-alerts too/,
    },
    {
      what: 'a subject is stored nowhere',
      broken: but('streamState', { subjects: {} }, ({ stream }) => stream === 'observability-health'),
      expect: 'fail',
      says: /observability\.health\.cluster is not in observability-health/,
    },
  ],
  '2C.consumers.receive': [
    {
      what: 'a delivery stays unacknowledged',
      broken: but('consume', { pendingAcks: 3 }, ({ durable }) => durable === 'observability-alerts-monitor'),
      expect: 'fail',
      says: /observability-alerts-monitor observability\.alerts\.urgent: 3 deliveries are not acknowledged/,
    },
    {
      what: 'a consumer gets nothing of its second subject',
      broken: but('consume', { sequences: [], messages: 0 }, ({ publisher }) => publisher.includes('alerts-warning')),
      expect: 'fail',
      says: /observability-alerts-monitor observability\.alerts\.warning: 50 acknowledged messages are missing/,
    },
    {
      what: 'a consumer does not receive a message',
      broken: but('consume', without7, ({ durable }) => durable === 'observability-health-monitor'),
      expect: 'fail',
      says: gone,
    },
  ],
  '2C.messaging.metrics': [
    loses('2C.messaging.metrics'),
    {
      what: 'what is published on PC2 does not come in at a consumer of the plan',
      broken: but(
        'consume',
        without7,
        ({ durable, publisher }) => durable === 'observability-metrics-edgehub' && publisher.includes('metrics-pc2'),
      ),
      expect: 'fail',
      says: /observability-metrics-edgehub observability\.metrics\.pc2: 1 acknowledged messages are missing: 7/,
    },
  ],
  '2C.messaging.health': [loses('2C.messaging.health')],
  '2C.messaging.alerts': [acknowledgesNothing('2C.messaging.alerts')],
  '2C.messaging.main-to-pc2': [loses('2C.messaging.main-to-pc2')],
  '2C.messaging.pc2-to-main': [acknowledgesNothing('2C.messaging.pc2-to-main')],
  '2C.messaging.order': [
    {
      what: 'two messages change places',
      broken: but('readStream', { outOfOrder: 1 }),
      expect: 'fail',
      says: /1 out of order/,
    },
    {
      what: 'the stream can not be read in time',
      broken: but('readStream', () => {
        throw ApplicationFailure.nonRetryable('NATS took no reader', 'NotRead');
      }),
      expect: 'inconclusive',
      says: /^NATS took no reader$/,
    },
  ],
  '2C.messaging.replay': [loses('2C.messaging.replay'), twice('2C.messaging.replay')],
  '2C.resilience.node-down': [
    {
      what: 'a worker was away until the machine itself had lifted the fault',
      broken: but('liftFault', ({ at }) => ({ at: at + 3_600_000 })),
      expect: 'inconclusive',
      says: /by itself: nobody knows what was seen of it/,
    },
    {
      what: 'the publisher began when all was over',
      broken: but('publish', ({ firstAt }) => ({ firstAt: firstAt + 3_600_000 })),
      expect: 'inconclusive',
      says: /publishing began after the fault had/,
    },
    {
      what: 'the server that is left takes no messages',
      broken: but('natsAlone', { core: false, detail: 'no responders' }),
      expect: 'fail',
      says: /core messaging failed: no responders/,
    },
    {
      what: 'the server does not stop',
      broken: but('probe', { ok: true, status: 200 }),
      expect: 'inconclusive',
      says: /not seen to be down/,
    },
  ],
  '2C.resilience.reform': [{ what: 'the cluster does not form again', broken: apart, expect: 'fail', says: noRoute }],
  '2C.resilience.replay': [loses('2C.resilience.node-down'), twice('2C.resilience.node-down')],
  '2C.resilience.partition-local': [
    {
      what: 'the publisher was away meanwhile',
      broken: but('publish', { longestIdleMs: 60_000 }),
      expect: 'inconclusive',
      says: /nobody published for 60000 ms, since a worker had ended/,
    },
    {
      what: 'a side alone can not read what it stored',
      broken: but('natsAlone', { directGet: false, detail: 'time-out' }, onPc2),
      expect: 'fail',
      says: /nats-pc2: stored messages could not be read: time-out/,
    },
    {
      what: 'the partition drops no packet',
      broken: but('liftFault', { dropped: 0 }),
      expect: 'inconclusive',
      says: /no packet was dropped/,
    },
    {
      what: 'the partition holds one way only',
      broken: {
        probeTcp: async (_ask, usual, machine) =>
          (await usual()).map((probe) => ({ ...probe, connected: machine === 'PC2' })),
      },
      expect: 'inconclusive',
      says: /could still talk: from PC2/,
    },
  ],
  '2C.resilience.partition-heal': [loses('2C.resilience.partition-local')],
  '2C.resilience.split-brain': [
    {
      what: 'each side has its own leader',
      broken: but('natsCluster', (is) => ({ metaLeader: is.server })),
      expect: 'fail',
      says: /meta leaders: nats-main, nats-pc2/,
    },
    {
      what: 'the replicas end at different messages',
      broken: but('streamState', { lastSequence: 9 }, onPc2),
      expect: 'fail',
      says: /observability-metrics ends at 10 and 9/,
    },
  ],
  '2C.resilience.restart': [loses('2C.resilience.restart'), unsent('2C.resilience.restart')],
  '2C.latency': [
    {
      what: 'messages are slow',
      broken: but('natsLatency', { p99: 150 }, onPc2),
      expect: 'fail',
      says: /nats-pc2 to nats-main: p99 150\.0 ms; at most 100 ms/,
    },
    {
      what: 'requests get no answer',
      broken: but('natsLatency', { failed: 12 }),
      expect: 'fail',
      says: /12 requests failed/,
    },
    {
      what: 'too few are timed',
      broken: but('natsLatency', { samples: 40 }),
      expect: 'inconclusive',
      says: /40 of 1000 samples/,
    },
  ],
};
