// The agent put together: its state, its loops, its routes.
import type { AddressInfo } from 'node:net';
import { firstSeq, openAckLog } from './acks.ts';
import type { AgentConfig } from './config.ts';
import { createDelivery } from './delivery.ts';
import { every } from './every.ts';
import { healthOf } from './health.ts';
import { createHubs } from './hubs.ts';
import type { Log } from './log.ts';
import { createMessenger } from './messenger.ts';
import { createGatewayMetrics, createMetrics } from './metrics.ts';
import { createPeerBook, createPeerPoster } from './peers.ts';
import { request, succeeded } from './request.ts';
import { samplesOf } from './samples.ts';
import { json, serve, type Routes } from './server.ts';
import type { AgentState } from './state.ts';
import { createSystemCollector, type SystemMetrics } from './system.ts';
import { utilityRoutes } from './utilities.ts';

const bufferLimitBatches = 3600;
const failedRoundsBeforePeerPost = 3;
const gatewayTimeoutMs = 1000;
const reportIntervalMs = 10_000;
const lastDeliveryMs = 400;
const lastNatsMs = 300;

/**
 * Starts an agent and resolves once it listens and has looked at each hub. Rejects if the ack log or the port can't be had.
 * `stop` ends its loops, gives the last batch and NATS a moment (0.7 s in all), and closes everything.
 */
export async function startAgent(config: AgentConfig, log: Log): Promise<{ port: number; stop(): Promise<void> }> {
  const acks = openAckLog(config.ackLog);
  const startedAt = Date.now();
  const seq = firstSeq(acks.lastSeq, startedAt);
  const stopping = new AbortController();
  const hubs = createHubs(config, log);
  const peerBook = createPeerBook();
  const collect = createSystemCollector();
  let system: SystemMetrics | null = null;
  let utilityCalls = 0;

  const agent: AgentState = {
    config,
    startedAt,
    uptimeSeconds: () => Math.round((Date.now() - startedAt) / 1000),
    hubs,
    delivery: createDelivery({
      hubs,
      firstSeq: seq,
      batchTimeoutMs: config.failover.batchTimeoutMs,
      bufferLimit: bufferLimitBatches,
      onAck: acks.append,
      log,
    }),
    messenger: config.nats
      ? createMessenger({
          url: config.nats.url,
          access: config.nats.access,
          subjects: { health: config.nats.healthSubject, metrics: config.nats.metricsSubject },
          publisher: config.name,
          firstSeq: seq,
          log,
        })
      : null,
    poster: config.peer ? createPeerPoster(config.peer.url, config.access['peer'], log) : null,
    system: () => system,
    utilityCalls: () => utilityCalls,
  };
  const metrics = createMetrics(agent);
  const gateway = createGatewayMetrics(agent);

  const server = await serve(routes(), config, log, (route, status) => {
    metrics.requests.inc({ route, status });
    if (route.includes(' /utils/') && status === 200) utilityCalls += 1;
  });
  // After it listens: a hub that gives no answer keeps nobody from asking the agent.
  await hubs.look();
  if (config.obsHubUrl && new URL(config.obsHubUrl).href !== new URL(config.hubs[0]!.url).href) {
    log.warn('OBS_HUB_URL contradicts the configured hub, which is used', {
      OBS_HUB_URL: config.obsHubUrl,
      hub: config.hubs[0]!.url,
    });
  }
  const loops = Promise.all([
    hubs.watch(stopping.signal),
    every(config.pushIntervalMs, stopping.signal, log, push),
    every(reportIntervalMs, stopping.signal, log, report),
    config.nats && every(config.nats.publishIntervalMs, stopping.signal, log, publish),
    config.pushgateway &&
      every(config.nats?.publishIntervalMs ?? config.pushIntervalMs, stopping.signal, log, pushGauges),
    config.peer && every(config.peer.intervalMs, stopping.signal, log, postToPeer),
  ]);

  function routes(): Routes {
    return {
      'GET /health': () => json(healthOf(agent)),
      'GET /metrics': async () => ({
        status: 200,
        type: metrics.registry.contentType,
        body: await metrics.registry.metrics(),
      }),
      'POST /peer-health': (body) => {
        peerBook.receive(body);
        return json({ ok: true });
      },
      'GET /peers': () => json(peerBook.peers()),
      ...(config.kind === 'resource_manager'
        ? { 'GET /system': () => (system ? json(system) : json({ error: 'nothing collected yet' }, 503)) }
        : {}),
      ...(config.kind === 'unified_utils_agent' ? utilityRoutes : {}),
    };
  }

  async function push(): Promise<void> {
    if (config.kind === 'resource_manager') system = await collect();
    agent.delivery.push((number) => samplesOf(agent, number));
  }

  function report(): void {
    const { sent, acknowledged, buffered, dropped } = agent.delivery.counts();
    log.info('working', { active: hubs.state().active, sent, acknowledged, buffered, dropped });
  }

  async function publish(): Promise<void> {
    const { status, kind, phase, hubs: hubList, sequence } = healthOf(agent);
    const samples = samplesOf(agent, sequence.lastSent ?? seq);
    await agent.messenger!.publish({
      health: { status, agentKind: kind, phase, activeHub: hubList.active, sequence },
      metrics: { samples },
    });
  }

  let gatewayOk: boolean | null = null;
  async function pushGauges(): Promise<void> {
    const url = `${config.pushgateway}/metrics/job/agents/instance/${config.name}`;
    const answer = await request(
      url,
      gatewayTimeoutMs,
      { method: 'PUT', headers: { 'content-type': gateway.contentType }, body: await gateway.metrics() },
      config.access.pushgateway,
    );
    const ok = succeeded(answer);
    if (ok !== gatewayOk && ok) log.info('the Pushgateway takes our gauges', { url });
    if (ok !== gatewayOk && !ok) log.warn('the Pushgateway does not take our gauges', { url, reason: answer.reason });
    gatewayOk = ok;
  }

  /** NATS carries our health once it is configured; HTTP comes back when NATS has failed for a while. */
  async function postToPeer(): Promise<void> {
    if (agent.messenger && agent.messenger.failedRounds() < failedRoundsBeforePeerPost) return;
    await agent.poster!.post(healthOf(agent));
  }

  async function stop(): Promise<void> {
    stopping.abort();
    await within(lastDeliveryMs, agent.delivery.idle());
    await within(lastNatsMs, agent.messenger?.close() ?? Promise.resolve());
    server.close();
    server.closeAllConnections();
    await within(lastNatsMs, loops);
    acks.close();
  }

  return { port: (server.address() as AddressInfo).port, stop };
}

/** Waits for the promise, but not longer than this; a failure counts as done. */
async function within(limitMs: number, promise: Promise<unknown>): Promise<void> {
  await Promise.race([promise.catch(() => {}), new Promise((resolve) => setTimeout(resolve, limitMs))]);
}
