// The whole agent against hubs that work: what it pushes, tells its peer and offers. Failing hubs have a file of their own.
import { describe, expect, it, vi } from 'vitest';
import { freePorts } from '../../activities/programs.ts';
import { acks, dualHub, fallback, health, moreAcksAt, primary, start, stop, until, url } from './running-agent.ts';

/** Time-outs in here are generous: the machine may be busy. */
vi.setConfig({ testTimeout: 40_000 });

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
    const at = `http://127.0.0.1:${port}`;
    await until(() => health(at).catch(() => null));
    expect((await health(at)).hubs.list).toMatchObject([{ role: 'primary', reachable: false, checkedAt: null }, {}]);
    await primary.down();
    await starting;
  });

  it('never uses a sequence number again after a restart', async () => {
    await start(dualHub());
    await moreAcksAt('primary');
    await stop();
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
nats: {nats_url: "nats://127.0.0.1:9", health_subject: a.health, metrics_subject: a.metrics, publish_interval: 0.1}
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
