// A network partition in the kernel's packet filter. Its addresses and ports are set elements with a time-out, so the kernel lifts it.
import { refusal } from '../context/refusal.ts';
import { execa } from 'execa';
import { isIP } from 'node:net';
import type { Partition } from '../../plan/week/undo.ts';
import { cancelled, within } from '../context/cancellation.ts';
import type { Host } from '../context/host.ts';

const answerMs = 5_000;

/** Drops the ports' traffic to and from the addresses for `limitMs`. What was left of an earlier one goes with the same transaction. */
export async function block(host: Host, id: string, partition: Partition, limitMs: number): Promise<void> {
  const { stderr, exitCode } = await nft(host, ['-f', '-'], ruleset(tableOf(id), partition, limitMs));
  if (exitCode !== 0)
    throw new Error(
      `nft on ${host.machine} refused the partition: ${stderr.trim()}. The worker needs root (CAP_NET_ADMIN) and nf_tables in the kernel`,
    );
}

/** Whether it still drops: elements that timed out are not listed. */
export async function blocked(host: Host, id: string): Promise<boolean> {
  return drops(await listed(host, id));
}

/** Deletes it; `dropped` counts the packets since it began. `lifted` is false when it had timed out or was never there. */
export async function unblock(host: Host, id: string): Promise<{ lifted: boolean; dropped: number }> {
  const items = await listed(host, id);
  if (!items) return { lifted: false, dropped: 0 };
  const dropped = items.find(({ counter }) => counter)?.counter?.packets ?? 0;
  const { stderr, exitCode } = await nft(host, ['delete', 'table', 'inet', tableOf(id)]);
  if (exitCode !== 0 && !stderr.includes('No such file'))
    throw new Error(`nft on ${host.machine} could not delete the table ${tableOf(id)}: ${stderr.trim()}`);
  return { lifted: drops(items), dropped };
}

/**
 * Both directions, at prerouting and output before Docker translates addresses (priority raw), so that published ports are
 * matched as the plan knows them.
 */
export function ruleset(table: string, { addresses, ports }: Partition, limitMs: number): string {
  const bad = [
    ...addresses.filter((address) => isIP(address) === 0),
    ...ports.filter((port) => !Number.isInteger(port)),
  ];
  if (bad.length > 0) throw refusal('BadAsk', `A partition needs addresses and port numbers, not ${bad.join(', ')}`);
  const elements = (values: (string | number)[]): string =>
    values.map((value) => `${value} timeout ${Math.round(limitMs)}ms`).join(', ');
  const families = (
    [
      ['ip', 'ipv4_addr', 4],
      ['ip6', 'ipv6_addr', 6],
    ] as const
  )
    .map(([family, type, version]) => ({
      family,
      type,
      members: addresses.filter((address) => isIP(address) === version),
    }))
    .filter(({ members }) => members.length > 0);
  const rules = families.flatMap(({ family }) =>
    ['saddr', 'daddr'].flatMap((end) =>
      ['dport', 'sport'].map(
        (side) => `${family} ${end} @${family}addresses tcp ${side} @ports counter name dropped drop`,
      ),
    ),
  );
  const chain = (name: string, hook: string): string[] => [
    `chain ${name} {`,
    `type filter hook ${hook} priority -300; policy accept;`,
    ...rules,
    '}',
  ];
  return [
    `add table inet ${table}`,
    `delete table inet ${table}`,
    `table inet ${table} {`,
    'counter dropped { }',
    `set ports { type inet_service; flags timeout; elements = { ${elements(ports)} }; }`,
    ...families.map(
      ({ family, type, members }) =>
        `set ${family}addresses { type ${type}; flags timeout; elements = { ${elements(members)} }; }`,
    ),
    ...chain('arriving', 'prerouting'),
    ...chain('leaving', 'output'),
    '}',
    '',
  ].join('\n');
}

interface Listed {
  set?: { name: string; elem?: unknown[] };
  counter?: { packets: number };
}

function drops(items: Listed[] | null): boolean {
  return items?.some(({ set }) => set?.name === 'ports' && (set.elem?.length ?? 0) > 0) ?? false;
}

async function listed(host: Host, id: string): Promise<Listed[] | null> {
  const { stdout, stderr, exitCode } = await nft(host, ['-j', 'list', 'table', 'inet', tableOf(id)]);
  if (exitCode === 0) return (JSON.parse(stdout) as { nftables: Listed[] }).nftables;
  if (stderr.includes('No such file')) return null;
  throw new Error(
    `nft on ${host.machine} could not list the table ${tableOf(id)}: ${stderr.trim()}. The worker needs root (CAP_NET_ADMIN)`,
  );
}

async function nft(
  host: Host,
  args: string[],
  input = '',
): Promise<{ stdout: string; stderr: string; exitCode?: number }> {
  const found = await execa('nft', args, { input, reject: false, cancelSignal: within(answerMs) });
  cancelled().throwIfAborted();
  if (found.exitCode === undefined)
    throw new Error(`nft ${args.join(' ')} on ${host.machine}: ${found.shortMessage}. Install nftables`);
  return found;
}

function tableOf(id: string): string {
  return `hubshift_${id}`;
}
