// What Phase 1 looks like from outside. Imports nothing of the product: its own eyes, the machines' own tools.
import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { execa } from 'execa';

/** As `hubshift lab status --json` gives them. */
export interface Machine {
  name: string;
  namespace: string;
  dockerSocket: string;
  supervisorConfig: string;
  root: string;
}

export type Fingerprint = Record<string, string>;

/** Grows by itself while programs run: logs and acknowledgements. */
const alive = [/\/logs\//];
/** Where a running Prometheus keeps its data, which grows by itself too. */
const samplesMount = '/prometheus';

/** One line a thing, by machine: files, containers, programs, listening ports (without a NATS server there are no streams), rules of the packet filter. Equal states give equal maps. */
export async function fingerprint(machines: Machine[]): Promise<Fingerprint> {
  const found: Fingerprint = {};
  for (const machine of machines) {
    const note = (what: string, value: string) => (found[`${machine.name} ${what}`] = value);
    const running = await containers(machine);
    const growing = running.flatMap(({ mounts }) =>
      mounts.filter(({ Destination }) => Destination === samplesMount).map(({ Source }) => Source),
    );
    for (const [path, value] of await files(machine.root, growing)) note(`file ${path}`, value);
    for (const { name, looks } of running) note(`container ${name}`, looks);
    for (const [name, value] of await programs(machine)) note(`program ${name}`, value);
    note('listens', await listens(machine));
    note('nft', await nftRules(machine));
  }
  return found;
}

/** What differs, in words; empty when the two are equal. */
export function differences(before: Fingerprint, after: Fingerprint): string[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return keys
    .filter((key) => before[key] !== after[key])
    .map((key) => `${key}: was ${before[key] ?? 'not there'}, is ${after[key] ?? 'not there'}`);
}

/** What differs now on these machines. supervisord calls a program running once it has lived for a second; on a busy host it listens a moment later, and gets that moment. */
export async function changesSince(before: Fingerprint, machines: Machine[]): Promise<string[]> {
  const listening = async () =>
    (await Promise.all(machines.map(listens))).every(
      (ports, index) => ports === before[`${machines[index]!.name} listens`],
    );
  for (const end = Date.now() + 10_000; Date.now() < end && !(await listening());) await setTimeout(50);
  const known = Object.entries(before).filter(([key]) => machines.some(({ name }) => key.startsWith(`${name} `)));
  return differences(Object.fromEntries(known), await fingerprint(machines));
}

async function files(root: string, growing: string[]): Promise<[string, string][]> {
  const found: [string, string][] = [];
  const walk = async (directory: string): Promise<void> => {
    for (const entry of await readdir(directory, { withFileTypes: true })) {
      const path = join(directory, entry.name);
      if (alive.some((pattern) => pattern.test(path.slice(root.length)))) continue;
      const { mode, uid, gid } = await stat(path);
      const looks = `${(mode & 0o7777).toString(8)} ${uid}:${gid}`;
      if (entry.isDirectory()) {
        found.push([path.slice(root.length), `directory ${looks}`]);
        if (!growing.includes(path)) await walk(path);
      } else
        found.push([
          path.slice(root.length),
          `${createHash('sha256')
            .update(await readFile(path))
            .digest('hex')} ${looks}`,
        ]);
    }
  };
  await walk(root);
  return found;
}

interface Container {
  name: string;
  looks: string;
  mounts: { Source: string; Destination: string }[];
}

/** Of a pilot it does not count when it was started. */
async function containers({ dockerSocket }: Machine): Promise<Container[]> {
  const docker = (...args: string[]) => execa('docker', ['-H', `unix://${dockerSocket}`, ...args], { timeout: 30_000 });
  const { stdout } = await docker('ps', '--all', '--quiet', '--no-trunc');
  const ids = stdout.split('\n').filter(Boolean);
  if (ids.length === 0) return [];
  const inspected = JSON.parse((await docker('inspect', ...ids)).stdout) as {
    Name: string;
    Image: string;
    Config: { Labels: Record<string, string> };
    HostConfig: object;
    Mounts: Container['mounts'];
    State: { Running: boolean; StartedAt: string };
  }[];
  return inspected.map(({ Name, Image, Config, HostConfig, Mounts, State }) => ({
    name: Name,
    mounts: Mounts,
    looks: JSON.stringify({
      Image,
      Config,
      HostConfig,
      running: State.Running,
      ...(!Config.Labels['hubshift-lab.pilot'] && { startedAt: State.StartedAt }),
    }),
  }));
}

/** A pilot that was moved and moved back has another process id: what counts is that it runs. */
async function programs({ supervisorConfig }: Machine): Promise<[string, string][]> {
  const { stdout } = await execa('supervisorctl', ['-c', supervisorConfig, 'status'], {
    reject: false,
    timeout: 30_000,
  });
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => [line.split(/\s+/)[0] ?? '', line.split(/\s+/)[1] ?? '']);
}

async function listens({ namespace }: Machine): Promise<string> {
  const { stdout } = await execa(
    'nsenter',
    [`--net=/var/run/netns/${namespace}`, 'ss', '--listening', '--tcp', '--numeric', '--no-header'],
    { timeout: 10_000 },
  );
  const ports = stdout
    .split('\n')
    .map((line) => line.trim().split(/\s+/)[3] ?? '')
    .filter((address) => address && !address.startsWith('127.'));
  return [...new Set(ports)].sort().join(' ');
}

async function nftRules({ namespace }: Machine): Promise<string> {
  const { stdout } = await execa(
    'nsenter',
    [`--net=/var/run/netns/${namespace}`, 'nft', '--stateless', 'list', 'ruleset'],
    { timeout: 10_000 },
  );
  // A daemon that starts anew makes tables and chains in another order, which means nothing; that of the rules in a chain does.
  const within: string[] = [];
  const found: [block: string, rule: string][] = [];
  for (const line of stdout.split('\n').map((text) => text.trim())) {
    if (line === '}') within.pop();
    else if (line.endsWith('{')) {
      within.push(line);
      found.push([within.join(' '), '']);
    } else if (line) found.push([within.join(' '), line]);
  }
  return found
    .sort(([one], [other]) => (one < other ? -1 : Number(one > other)))
    .map(([block, rule]) => rule || block)
    .join('\n');
}
