import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { faultActivities } from '../../../activities/faults/faults.ts';
import { ruleset } from '../../../activities/faults/partition.ts';
import { ledgerOf } from '../../../activities/ledger/ledger.ts';
import { undo } from '../../../activities/undo/undo.ts';
import type { Fault } from '../../../plan/week/undo.ts';
import { temporaryMachine } from '../machine.ts';

const here = `hubshift-test-${process.pid}-a`;
const there = `hubshift-test-${process.pid}-b`;
const partition: Fault = { kind: 'partition', addresses: ['10.78.0.2'], ports: [7000] };
const change = { run: 'week-1', step: '2C.resilience.partition-local' };
const tcp = join(import.meta.dirname, 'tcp.mjs');
const ip = (...args: string[]): string => execFileSync('ip', args, { encoding: 'utf8' });

function listen(namespace: string, port: number): Promise<ChildProcess> {
  const server = spawn('ip', ['netns', 'exec', namespace, process.execPath, tcp, 'listen', `${port}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return new Promise((resolve) => server.stdout.once('data', () => resolve(server)));
}

function connects(namespace: string, address: string, port: number): boolean {
  return ip('netns', 'exec', namespace, process.execPath, tcp, 'connect', address, `${port}`).trim() === 'connected';
}

describe('the ruleset', () => {
  it('takes both kinds of addresses, each matched in both directions', () => {
    const rules = ruleset('t', { kind: 'partition', addresses: ['10.0.0.1', 'fd00::1'], ports: [1] }, 1_000);
    for (const match of ['ip saddr', 'ip daddr', 'ip6 saddr', 'ip6 daddr'])
      expect(rules.split('\n').filter((line) => line.startsWith(match))).toHaveLength(4);
  });

  it('refuses what is no address, for good', () => {
    expect(() =>
      ruleset('t', { kind: 'partition', addresses: ['10.0.0.1 }; flush ruleset'], ports: [1] }, 1_000),
    ).toThrow('A partition needs addresses');
  });
});

describe.runIf(process.getuid?.() === 0)('a partition between two network namespaces', () => {
  const servers: ChildProcess[] = [];
  let bin = '';
  const path = process.env['PATH'];

  beforeAll(async () => {
    for (const namespace of [here, there]) ip('netns', 'add', namespace);
    ip('link', 'add', 'eth0', 'netns', here, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', there);
    for (const [namespace, address] of [
      [here, '10.78.0.1/24'],
      [there, '10.78.0.2/24'],
    ] as const) {
      ip('-n', namespace, 'address', 'add', address, 'dev', 'eth0');
      ip('-n', namespace, 'link', 'set', 'eth0', 'up');
    }
    servers.push(await listen(here, 7000), await listen(there, 7000), await listen(there, 7001));
    bin = await mkdtemp(join(tmpdir(), 'hubshift-test-'));
    await writeFile(
      join(bin, 'nft'),
      `#!/bin/sh\nexec ip netns exec ${here} ${execFileSync('which', ['nft'], { encoding: 'utf8' }).trim()} "$@"\n`,
    );
    await chmod(join(bin, 'nft'), 0o755);
    process.env['PATH'] = `${bin}${delimiter}${path}`;
  });

  afterAll(async () => {
    process.env['PATH'] = path;
    for (const server of servers) server.kill('SIGKILL');
    for (const namespace of [here, there]) ip('netns', 'del', namespace);
    await rm(bin, { recursive: true, force: true });
  });

  it(
    'drops its ports both ways and no others, is injected once, and ends when it is lifted',
    { timeout: 30_000 },
    async () => {
      const machine = await temporaryMachine();
      const ledger = ledgerOf(machine, undo);
      const faults = faultActivities(machine, ledger);
      expect([connects(here, '10.78.0.2', 7000), connects(there, '10.78.0.1', 7000)]).toEqual([true, true]);
      const first = await faults.injectFault({ change, fault: partition, limitMs: 60_000 });
      expect(await faults.injectFault({ change, fault: partition, limitMs: 60_000 })).toEqual(first);
      expect([
        connects(here, '10.78.0.2', 7000),
        connects(there, '10.78.0.1', 7000),
        connects(here, '10.78.0.2', 7001),
      ]).toEqual([false, false, true]);
      expect((await faults.liftFault({ run: change.run, fault: partition })).dropped).toBeGreaterThan(1);
      expect([connects(here, '10.78.0.2', 7000), connects(there, '10.78.0.1', 7000)]).toEqual([true, true]);
      expect((await faults.liftFault({ run: change.run, fault: partition })).dropped).toBe(0);
      expect(await ledger.rollback({ run: change.run, scope: 'all' })).toMatchObject([{ result: 'already' }]);
    },
  );

  it('is lifted by the kernel at its limit, with nobody lifting it', { timeout: 30_000 }, async () => {
    const machine = await temporaryMachine();
    const ledger = ledgerOf(machine, undo);
    await faultActivities(machine, ledger).injectFault({ change, fault: partition, limitMs: 3_000 });
    expect(connects(here, '10.78.0.2', 7000)).toBe(false);
    await setTimeout(3_000);
    expect(connects(here, '10.78.0.2', 7000)).toBe(true);
    expect(await ledger.rollback({ run: change.run, scope: 'all' })).toMatchObject([
      { kind: 'fault.lift', result: 'already' },
    ]);
    expect(ip('netns', 'exec', here, 'nft', 'list', 'tables')).toBe('');
  });

  it('goes with a rollback', { timeout: 30_000 }, async () => {
    const machine = await temporaryMachine();
    const ledger = ledgerOf(machine, undo);
    await faultActivities(machine, ledger).injectFault({ change, fault: partition, limitMs: 60_000 });
    expect(await ledger.rollback({ run: change.run, scope: 'all' })).toMatchObject([
      { target: 'partition from 10.78.0.2', result: 'undone' },
    ]);
    expect(connects(here, '10.78.0.2', 7000)).toBe(true);
  });
});
