// The whole agent against hubs on loopback: where batches go when hubs fail, and that no acknowledged one is lost or given twice.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Ack } from '../../../lab/agent/acks.ts';
import { startAgent } from '../../../lab/agent/agent.ts';
import { parseConfig } from '../../../lab/agent/config.ts';
import type { Health } from '../../../lab/agent/health.ts';
import { createLog } from '../../../lab/agent/log.ts';
import { freePorts } from '../../activities/programs.ts';
import { startFakeHub, type FakeHub } from './fake-hub.ts';

/** Time-outs in here are generous: the machine may be busy. */
vi.setConfig({ testTimeout: 40_000 });

let directory: string;
let primary: FakeHub;
let fallback: FakeHub;
let url: string;
let lines: string[];
let cleanUp: (() => Promise<void>)[];

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'agent-'));
  [primary, fallback] = await Promise.all([startFakeHub(), startFakeHub()]);
  lines = [];
  cleanUp = [];
});
afterEach(async () => {
  for (const stop of cleanUp) await stop();
  await Promise.all([primary.down(), fallback.down()]);
  rmSync(directory, { recursive: true });
});

const dualHub = () => `hub_endpoints: {primary: ${primary.url}, fallback: ${fallback.url}}
failover_config: {health_check_interval: 0.1, max_retries: 3, failover_threshold: 3, recovery_timeout: 0.3, probe_interval: 0.1, probe_timeout: 1, batch_timeout: 1}
`;

async function start(extra: string, kind = 'bystander', port = 0): Promise<void> {
  const text = `agent: {name: tried, kind: ${kind}, listen: {host: 127.0.0.1, port: ${port}}}
hub_url: ${fallback.url}
push_interval: 0.05
ack_log: ${directory}/acks.jsonl
${extra}`;
  const agent = await startAgent(
    parseConfig(text, 'tried.yaml', {}),
    createLog((line) => lines.push(line)),
  );
  cleanUp.unshift(agent.stop);
  url = `http://127.0.0.1:${agent.port}`;
}

async function health(): Promise<Health> {
  return (await fetch(`${url}/health`)).json() as Promise<Health>;
}

function acks(): Ack[] {
  return readFileSync(join(directory, 'acks.jsonl'), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Ack);
}

async function until(condition: () => unknown): Promise<void> {
  await vi.waitFor(async () => expect(await condition()).toBeTruthy(), { timeout: 15_000, interval: 20 });
}

async function activeIs(role: string): Promise<void> {
  await until(async () => (await health()).hubs.active === role);
}

async function moreAcksAt(role: string): Promise<void> {
  const before = acks().filter(({ hub }) => hub === role).length;
  await until(() => acks().filter(({ hub }) => hub === role).length > before + 3);
}

/** Stops the agent, then judges the log against what the hubs have: all unique, in order, none missing. */
async function expectNothingLost(): Promise<void> {
  await cleanUp.shift()!();
  const log = acks();
  expect(log.map(({ seq }) => seq)).toEqual(log.map((_, index) => log[0]!.seq + index));
  for (const [role, hub] of [
    ['primary', primary],
    ['fallback', fallback],
  ] as const) {
    const stored = new Set(hub.received.map(({ seq }) => seq));
    expect(log.filter((ack) => ack.hub === role && !stored.has(ack.seq))).toEqual([]);
    const seqs = hub.received.map(({ seq }) => seq);
    expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b));
    const times = hub.received.map(({ timestamp }) => timestamp);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  }
}

describe('with two hubs', () => {
  it('pushes to the primary', async () => {
    await start(dualHub());
    await moreAcksAt('primary');
    expect(fallback.received).toEqual([]);
    expect(primary.received[0]!.labels).toEqual([
      { name: '__name__', value: 'agent_pushed_sequence' },
      { name: 'agent', value: 'tried' },
    ]);
    expect((await health()).hubs.list).toMatchObject([
      { role: 'primary', reachable: true },
      { role: 'fallback', reachable: true },
    ]);
  });

  it('answers before a hub does', async () => {
    const [port] = await freePorts(1);
    primary.mode('hang');
    const starting = start(dualHub().replace('probe_timeout: 1', 'probe_timeout: 30'), 'bystander', port);
    url = `http://127.0.0.1:${port}`;
    await until(() => health().catch(() => null));
    expect((await health()).hubs.list).toMatchObject([{ role: 'primary', reachable: false, checkedAt: null }, {}]);
    await primary.down();
    await starting;
  });

  it.each([
    { fault: 'refuses', cause: () => primary.down(), mend: () => primary.up() },
    { fault: 'hangs', cause: async () => primary.mode('hang'), mend: async () => primary.mode(204) },
    { fault: 'answers 503', cause: async () => primary.mode(503), mend: async () => primary.mode(204) },
  ])(
    'gives a batch to the fallback at once when the primary $fault, and loses nothing there and back',
    async ({ cause, mend }) => {
      await start(dualHub());
      await moreAcksAt('primary');
      await cause();
      await until(() => fallback.received.length > 0);
      expect((await health()).status).toBe('ok');
      await activeIs('fallback');
      expect(fallback.received[0]!.receivedAt).toBeLessThan(Date.parse((await health()).failovers[0]!.at));
      await moreAcksAt('fallback');
      await mend();
      await activeIs('primary');
      await moreAcksAt('primary');
      expect((await health()).failovers.map(({ from, to }) => `${from} to ${to}`)).toEqual([
        'primary to fallback',
        'fallback to primary',
      ]);
      expect(lines.filter((line) => line.includes(' WARN failover'))).toHaveLength(1);
      expect(lines.filter((line) => line.includes(' ERROR '))).toEqual([]);
      await expectNothingLost();
    },
  );

  it('buffers in order while both hubs are down and delivers later with the times of the samples', async () => {
    await start(dualHub());
    await moreAcksAt('primary');
    await Promise.all([primary.down(), fallback.down()]);
    await until(async () => (await health()).sequence.buffered >= 8);
    expect((await health()).status).toBe('degraded');
    await fallback.up();
    await until(async () => (await health()).status === 'ok');
    expect((await health()).sequence.dropped).toBe(0);
    expect(fallback.received[0]!.receivedAt - fallback.received[0]!.timestamp).toBeGreaterThan(300);
    await primary.up();
    await activeIs('primary');
    await expectNothingLost();
  });

  it('gives up a batch that both hubs refuse for good, says so, and goes on with the next', async () => {
    await start(dualHub());
    await moreAcksAt('primary');
    primary.mode(400);
    fallback.mode(400);
    await until(async () => (await health()).sequence.dropped > 2);
    primary.mode(204);
    await moreAcksAt('primary');
    const { sequence } = await health();
    expect(sequence.buffered).toBe(0);
    expect(lines.filter((line) => line.includes(' ERROR a hub refuses a batch')).length).toBe(sequence.dropped);
  });

  it('never uses a sequence number again after a restart', async () => {
    await start(dualHub());
    await moreAcksAt('primary');
    await cleanUp.shift()!();
    await start(dualHub());
    await moreAcksAt('primary');
    const seqs = acks().map(({ seq }) => seq);
    expect(new Set(seqs).size).toBe(seqs.length);
    expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
  });
});

describe('health between agents', () => {
  it('goes to the peer by HTTP in Phase 1, and the peer counts it', async () => {
    await start('');
    const peer = url;
    await start(`peer_health: {url: "${peer}/peer-health", interval: 0.05}\n`);
    const timesHeard = async () =>
      ((await (await fetch(`${peer}/peers`)).json()) as Record<string, { count: number }>)['tried']?.count ?? 0;
    await until(async () => (await timesHeard()) > 2);
    expect(await health()).toMatchObject({ phase: 1, hubs: { active: 'central' }, nats: null, peer: { ok: true } });
  });

  it('waits for NATS first, and goes by HTTP again when NATS has failed for three rounds', async () => {
    await start('');
    const peer = url;
    await start(`peer_health: {url: "${peer}/peer-health", interval: 0.02}
nats: {nats_url: "nats://127.0.0.1:9", health_subject: a.health, metrics_subject: a.metrics, publish_interval: 0.2}
`);
    expect((await health()).peer?.postedAt).toBeNull();
    await until(async () => (await health()).peer?.ok);
    const { nats } = await health();
    expect(nats).toMatchObject({ configured: true, connected: false, published: 0 });
    expect(nats!.buffered).toBeGreaterThanOrEqual(6);
  });

  it('refuses what is not a health document, and what is too large', async () => {
    await start('');
    const post = (body: string) => fetch(`${url}/peer-health`, { method: 'POST', body });
    expect((await post('{"agent": 5}')).status).toBe(400);
    expect((await post('no json')).status).toBe(400);
    expect((await post(JSON.stringify({ agent: 'x', status: 'ok', padding: 'x'.repeat(100_000) }))).status).toBe(413);
    expect(await (await fetch(`${url}/peers`)).json()).toEqual({});
  });
});

describe('what the kinds offer', () => {
  it('hashes, slugs, tells the time and makes UUIDs as unified_utils_agent', async () => {
    await start('', 'unified_utils_agent');
    const post = async (path: string, body: object) =>
      (await fetch(url + path, { method: 'POST', body: JSON.stringify(body) })).json();
    expect(await post('/utils/hash', { text: 'abc' })).toEqual({
      sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    });
    expect(await post('/utils/slug', { text: ' Über Hub, Shift! ' })).toEqual({ slug: 'uber-hub-shift' });
    expect(await (await fetch(`${url}/utils/uuid`)).json()).toEqual({ uuid: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    expect(await (await fetch(`${url}/utils/time`)).json()).toEqual({ time: expect.stringMatching(/Z$/) });
    expect((await fetch(`${url}/system`)).status).toBe(404);
  });

  it('collects system metrics as resource_manager', async () => {
    await start('', 'resource_manager');
    await until(async () => (await fetch(`${url}/system`)).ok);
    const system = (await (await fetch(`${url}/system`)).json()) as Record<string, number>;
    for (const key of ['cpuPercent', 'memoryUsedPercent', 'diskUsedPercent'])
      expect(system[key]).toSatisfy((value: number) => value >= 0 && value <= 100);
    expect(await (await fetch(`${url}/metrics`)).text()).toMatch(/^system_memory_used_percent \d/m);
  });

  it('shows its sequence numbers at /metrics under names that it does not push', async () => {
    await start('');
    await moreAcksAt('central');
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toMatch(/^agent_pushed_sequence_last \d{13}$/m);
    expect(metrics).not.toMatch(/^agent_pushed_sequence\b(?!_last)/m);
  });
});
