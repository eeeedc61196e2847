// Use of processor and memory from readings, and percentiles.
import type Docker from 'dockerode';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { measureImpact } from '../../../activities/measure/impact.ts';
import { usage } from '../../../plan/evidence/impact-readings.ts';
import { percentiles } from '../../../plan/evidence/percentiles.ts';
import { containerPoint } from '../../../activities/docker/used.ts';
import { supervisedAgent } from '../supervisor/supervised.ts';

describe('usage', () => {
  it('is processor time by wall time, in percent of one core, and mean memory', () => {
    expect(
      usage([
        { atMs: 0, cpuMs: 100, memoryBytes: 10 },
        { atMs: 500, cpuMs: 200, memoryBytes: 20 },
        { atMs: 1000, cpuMs: 350, memoryBytes: 60 },
      ]),
    ).toEqual({ cpuPercent: 25, memoryBytes: 30 });
  });

  it('does not go below zero when a restart begins the count again', () => {
    expect(
      usage([
        { atMs: 0, cpuMs: 900, memoryBytes: 1 },
        { atMs: 500, cpuMs: 10, memoryBytes: 1 },
        { atMs: 1000, cpuMs: 60, memoryBytes: 1 },
      ]).cpuPercent,
    ).toBe(5);
  });
});

it('of a container leaves out page cache that can be dropped, on cgroup v1 and v2, and adds up its links', () => {
  const stats = (parts: object) =>
    ({
      read: '1970-01-01T00:00:00.007Z',
      cpu_stats: { cpu_usage: { total_usage: 5e6 } },
      memory_stats: { usage: 100, stats: parts },
    }) as unknown as Docker.ContainerStats;
  expect(containerPoint(stats({ inactive_file: 30 }))).toEqual({
    atMs: 7,
    cpuMs: 5,
    memoryBytes: 70,
    networkBytes: undefined,
  });
  expect(containerPoint(stats({ total_inactive_file: 40 })).memoryBytes).toBe(60);
  expect(
    containerPoint({
      ...stats({}),
      networks: { eth0: { rx_bytes: 10, tx_bytes: 20 }, eth1: { rx_bytes: 1, tx_bytes: 2 } },
    } as unknown as Docker.ContainerStats).networkBytes,
  ).toBe(33);
});

describe('percentiles', () => {
  it('are values that were measured, by nearest rank', () => {
    expect(percentiles(Array.from({ length: 100 }, (_, index) => 100 - index))).toEqual({
      p50: 50,
      p95: 95,
      p99: 99,
      max: 100,
    });
    expect(percentiles([3, 1, 2])).toEqual({ p50: 2, p95: 3, p99: 3, max: 3 });
  });

  it('are zero without samples', () => {
    expect(percentiles([])).toEqual({ p50: 0, p95: 0, p99: 0, max: 0 });
  });
});

describe('measureImpact', () => {
  it('measures URLs, programs and the machine, counts failures, and leaves out a program that it does not find', async () => {
    const { host } = await supervisedAgent('hub_url: x\n');
    const server = createServer((_, response) => setTimeout(() => response.end('ok'), 20));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const found = await measureImpact(host, {
      durationMs: 1_000,
      urls: { slow: `http://127.0.0.1:${port}/`, none: 'http://127.0.0.1:1/' },
      containers: [],
      programs: ['toy', 'unknown'],
    });
    expect(found.responseMs.slow).toMatchObject({ failed: 0 });
    expect(found.responseMs.slow?.samples).toBeGreaterThan(3);
    expect(found.responseMs.slow?.p50).toBeGreaterThanOrEqual(19);
    expect(found.responseMs.none?.failed).toBe(found.responseMs.none?.samples);
    expect(Object.keys(found.programs)).toEqual(['toy']);
    expect(found.programs.toy?.memoryBytes).toBeGreaterThan(1_000_000);
    expect(found.machine.memoryPercent).toBeGreaterThan(0);
    expect(found.machine.memoryPercent).toBeLessThan(100);
  }, 60_000);

  it('tells batches of what it saw, and times a write to a hub like any other request', async () => {
    const { host } = await supervisedAgent('hub_url: x\n');
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      response.writeHead(request.method === 'POST' ? 204 : 200).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { responseMs, batches } = await measureImpact(host, {
      durationMs: 900,
      urls: { query: `${url}/query`, none: 'http://127.0.0.1:1/' },
      writes: { write: url },
      containers: [],
      programs: ['toy'],
    });
    expect(new Set(asked)).toEqual(new Set(['GET /query', 'POST /api/v1/write']));
    expect(responseMs['write']).toMatchObject({ failed: 0 });
    expect(batches).toMatchObject({
      responseMs: { none: [null, null, null] },
      cpuPercent: [expect.any(Number), expect.any(Number), expect.any(Number)],
    });
    expect(batches!.responseMs['write']).toHaveLength(3);
    expect(Math.min(...batches!.memoryPercent)).toBeGreaterThan(0);
    expect(batches!.networkPercent).toHaveLength(3);
  }, 60_000);

  it('asks nobody while it reads, so that a reading is no slow answer', async () => {
    const { host } = await supervisedAgent('hub_url: x\n');
    let reading = false;
    const asked = { meanwhile: 0, between: 0 };
    const server = createServer((_, response) => {
      asked[reading ? 'meanwhile' : 'between'] += 1;
      response.end('ok');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const stats = async () => {
      reading = true;
      await delay(300);
      reading = false;
      return { read: new Date().toISOString(), cpu_stats: { cpu_usage: { total_usage: 5e6 } } };
    };
    const docker = { modem: { socketPath: '/nowhere' }, getContainer: () => ({ stats }) } as unknown as Docker;
    const { port } = server.address() as AddressInfo;
    const found = await measureImpact(
      { ...host, docker },
      { durationMs: 1_000, urls: { hub: `http://127.0.0.1:${port}/` }, containers: ['slow'], programs: [] },
    );
    expect(asked).toEqual({ meanwhile: 0, between: found.responseMs.hub?.samples });
    expect(asked.between).toBeGreaterThan(3);
    expect(Object.keys(found.containers)).toEqual(['slow']);
  }, 60_000);
});
