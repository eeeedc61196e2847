// Figures of /proc and /sys, as the kernel writes them.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import {
  cpuTimes,
  linkSpeed,
  listeners,
  mayChown,
  memory,
  processTimes,
  residentBytes,
  traffic,
} from '../../../activities/host/proc.ts';

const tcp = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:238C 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 11111 1 0000000000000000 100 0 0 10 0
   1: 0100007F:238C 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 22222 1 0000000000000000 20 4 30 10 -1
   2: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 33333 1 0000000000000000 100 0 0 10 0`;
const tcp6 = `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000000000000:238C 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 44444 1 0000000000000000 100 0 0 10 0`;

it('finds listening sockets of both families, and no connections', () => {
  expect(listeners(tcp, tcp6)).toEqual([
    { address: '127.0.0.1', port: 9100, inode: '11111' },
    { address: '0.0.0.0', port: 80, inode: '33333' },
    { address: '::', port: 9100, inode: '44444' },
  ]);
});

it.each([
  ['0200A80A', '10.168.0.2'],
  ['00000000000000000000000001000000', '::1'],
  ['000000FD000000000000000034120000', 'fd00::1234'],
  ['0000000000000000FFFF00000200000A', '10.0.0.2'],
])('reads the address %s as %s', (hex, address) => {
  const line = `   0: ${hex}:238C 0:0 0A 0:0 00:0 0 0 0 7`;
  expect(listeners(line)).toEqual([{ address, port: 9100, inode: '7' }]);
});

it('counts waiting for a disk as idle', () => {
  expect(cpuTimes('cpu  100 10 50 800 40 1 2 3 0 0\ncpu0 1 1 1 1 1 1 1 1 0 0\n')).toEqual({ busy: 166, total: 1006 });
});

it('does not count memory that can be given back at once', () => {
  expect(memory('MemTotal:       1000 kB\nMemFree:         100 kB\nMemAvailable:    600 kB\n')).toEqual({
    total: 1_024_000,
    used: 409_600,
  });
});

it("sums the machine's own links only", () => {
  const dev = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo: 999 1 0 0 0 0 0 0 999 1 0 0 0 0 0 0
  eth0: 100 1 0 0 0 0 0 0 20 1 0 0 0 0 0 0
 wlan0:   7 1 0 0 0 0 0 0 3 1 0 0 0 0 0 0
docker0: 555 1 0 0 0 0 0 0 555 1 0 0 0 0 0 0
vethab12: 555 1 0 0 0 0 0 0 555 1 0 0 0 0 0 0
br-00ff: 555 1 0 0 0 0 0 0 555 1 0 0 0 0 0 0`;
  expect(traffic(dev)).toEqual({ received: 107, sent: 23 });
});

it('knows the fastest link with a device of its own, and takes it for a gigabit where none tells', async () => {
  const links = await mkdtemp(join(tmpdir(), 'hubshift-links-'));
  const link = async (name: string, speed: string, device = true) => {
    await mkdir(join(links, name, device ? 'device' : ''), { recursive: true });
    await writeFile(join(links, name, 'speed'), speed);
  };
  try {
    await link('tun0', '10000\n', false);
    await link('eth0', '-1\n');
    expect(await linkSpeed(links)).toBe(1e9);
    await link('eth1', '2500\n');
    await link('eth2', '100\n');
    expect(await linkSpeed(links)).toBe(2.5e9);
    expect(await linkSpeed(join(links, 'missing'))).toBe(1e9);
  } finally {
    await rm(links, { recursive: true });
  }
});

it('reads the times of a process whatever its name holds, with those of its ended children', () => {
  expect(
    processTimes('4711 (a) b (c)) S 1 4700 4700 0 -1 4194560 1 2 3 4 150 50 20 5 20 0 11 0 12345 1000 200'),
  ).toEqual({ group: 4700, cpuMs: 2250 });
});

it('reads resident memory, which a zombie does not have', () => {
  expect(residentBytes('Name:\tnode\nVmRSS:\t   2048 kB\n')).toBe(2_097_152);
  expect(residentBytes('Name:\tnode\nState:\tZ (zombie)\n')).toBe(0);
});

it('knows the capability to change owners', () => {
  expect(mayChown('CapInh:\t0000000000000000\nCapEff:\t00000000a80425fb\n')).toBe(true);
  expect(mayChown('CapEff:\t000001fffffffffe\n')).toBe(false);
});
