// The NATS servers' configurations, as nats-server itself sees them.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { natsServerBinary } from '../../../../lab/binaries.ts';
import { servicesOf } from '../../../../plan/schema/plan.ts';
import { natsConfig } from '../../../../plan/tasks/messaging/config.ts';
import { weekPlan } from '../plan.ts';

const plan = weekPlan();
let directory: string;
let natsServer: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'nats-'));
  natsServer = await natsServerBinary();
}, 300_000);
afterAll(() => rmSync(directory, { recursive: true }));

async function check(text: string) {
  const file = join(directory, 'nats.conf');
  writeFileSync(file, text);
  return execa(natsServer, ['-t', '-c', file], { reject: false, all: true, timeout: 20_000 });
}

function server(name: string) {
  const found = servicesOf(plan, 'nats').find((candidate) => candidate.name === name);
  if (!found) throw new Error(`no ${name}`);
  return found;
}

describe('a NATS configuration', () => {
  it.each(['nats-main', 'nats-pc2'])('of %s passes nats-server -t', async (name) => {
    expect((await check(natsConfig(plan, server(name)))).all).toContain('configuration file');
    expect((await check(natsConfig(plan, server(name)))).exitCode).toBe(0);
  });

  it('is refused by nats-server when it is broken', async () => {
    const broken = await check(
      natsConfig(plan, server('nats-main')).replace('sync_interval: "always"', 'sync_interval: "sometimes"'),
    );
    expect(broken.exitCode).toBe(1);
  });

  it('routes to the published cluster port of every other server, by name, and never to itself', () => {
    expect(natsConfig(plan, server('nats-main'))).toMatch(/routes: \[\n    "nats-route:\/\/PC2:6223"\n  \]/);
    expect(natsConfig(plan, server('nats-pc2'))).toMatch(/routes: \[\n    "nats-route:\/\/MainPC:6222"\n  \]/);
  });

  it("advertises addresses and published ports, and listens on the container's own", () => {
    const text = natsConfig(plan, server('nats-pc2'));
    expect(text).toContain('server_name: "nats-pc2"');
    expect(text).toContain('listen: "0.0.0.0:4222"');
    expect(text).toContain('http: "0.0.0.0:8222"');
    expect(text).toContain('client_advertise: "10.77.0.2:4223"');
    expect(text).toContain('cluster_advertise: "10.77.0.2:6223"');
    expect(text).toContain('name: "resilience-cluster"');
    expect(text).toContain('store_dir: "/data"');
    expect(text).toContain('log_file: "/var/log/nats.log"');
  });

  it('puts an IPv6 address in brackets, and takes a duration as the sync interval', async () => {
    const other = weekPlan();
    other.machines[1]!.address = 'fd00::2';
    other.messaging.syncInterval = 120_000;
    const text = natsConfig(other, server('nats-pc2'));
    expect(text).toContain('client_advertise: "[fd00::2]:4223"');
    expect(text).toContain('sync_interval: "120s"');
    expect((await check(text)).exitCode).toBe(0);
  });

  it('limits what JetStream stores as the plan says, in bytes, and as ever where it says nothing', async () => {
    expect(natsConfig(plan, server('nats-main'))).toContain('  max_memory_store: 64MB\n  max_file_store: 2GB\n');
    const text = natsConfig(plan, { ...server('nats-main'), jetstream: { maxFileStore: 3 * 2 ** 29 } });
    expect(text).toContain('  max_memory_store: 64MB\n  max_file_store: 1610612736\n');
    expect((await check(text)).exitCode).toBe(0);
  });

  it('of an arbiter has routes to both others', () => {
    const three = weekPlan();
    const arbiter = {
      ...server('nats-main'),
      name: 'nats-arbiter',
      ports: {
        client: { host: 4224, container: 4222 },
        monitor: { host: 8224, container: 8222 },
        cluster: { host: 6224, container: 6222 },
      },
    };
    three.services.push(arbiter);
    expect(natsConfig(three, arbiter)).toMatch(
      /routes: \[\n    "nats-route:\/\/MainPC:6222"\n    "nats-route:\/\/PC2:6223"\n  \]/,
    );
  });
});
