// What the lab needs of its host: root, disk, commands. What is missing is installed from Debian packages.
import { constants } from 'node:fs';
import { access, rm, statfs, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { execa } from 'execa';

export interface Need {
  command: string;
  /** The Debian package that has it. */
  package: string;
}

export interface InstallOptions {
  report: (line: string) => void;
  /** Asks a person before the system is touched; without it, nobody is asked. */
  ask?: ((question: string) => Promise<boolean>) | undefined;
}

export const labNeeds: Need[] = [
  { command: 'dockerd', package: 'docker.io' },
  { command: 'supervisord', package: 'supervisor' },
  { command: 'nft', package: 'nftables' },
  { command: 'iptables', package: 'iptables' },
  { command: 'ip', package: 'iproute2' },
  { command: 'ps', package: 'procps' },
  { command: 'nsenter', package: 'util-linux' },
  { command: 'update-ca-certificates', package: 'ca-certificates' },
  { command: 'openssl', package: 'openssl' },
  { command: 'htpasswd', package: 'apache2-utils' },
];

const diskNeededBytes = 6 * 2 ** 30;
const policyFile = '/usr/sbin/policy-rc.d';

/** Installs the packages of the commands that are not there. Services that come with them are not started. */
export async function installMissing(needs: Need[], { report, ask }: InstallOptions): Promise<void> {
  const missing = [
    ...new Set(
      (await Promise.all(needs.map(async (need) => ((await which(need.command)) ? [] : [need.package])))).flat(),
    ),
  ];
  if (missing.length === 0) return;
  const commands = needs.filter((need) => missing.includes(need.package)).map((need) => need.command);
  if (!(await which('apt-get')))
    throw new Error(
      `This host lacks ${commands.join(', ')} and has no apt-get: install them with its own package manager (Debian calls the packages ${missing.join(', ')}), then run this again`,
    );
  if (ask && !(await ask(`Install the Debian packages ${missing.join(', ')}?`)))
    throw new Error(
      `Not installed: ${missing.join(', ')}. The lab needs ${commands.join(', ')}; install them yourself or say yes`,
    );
  report(`installing ${missing.join(', ')}`);
  await withoutStartingServices(async () => {
    await apt('update');
    await apt('install', '--yes', '--no-install-recommends', ...missing);
  });
}

/** Throws unless the lab can be built on this host: root, and room on the disks of the given directories. */
export async function checkHost(directories: string[]): Promise<void> {
  if (process.platform !== 'linux')
    throw new Error(`The lab needs Linux (network namespaces); this is ${process.platform}`);
  if (process.getuid?.() !== 0)
    throw new Error(
      `The lab needs root for namespaces and Docker daemons; this is uid ${process.getuid?.()}. Run it with sudo, keeping the environment: sudo -E`,
    );
  for (const directory of directories) {
    const { bavail, bsize } = await statfs(await nearest(directory));
    if (bavail * bsize < diskNeededBytes)
      throw new Error(
        `${directory} has ${gib(bavail * bsize)} GiB free; the lab needs ${gib(diskNeededBytes)} GiB. Free some space there`,
      );
  }
}

/** Throws when somebody listens on an address of this host, naming the process. */
export async function checkPortFree(address: string, port: number, wantedFor: string): Promise<void> {
  const { stdout } = await execa('ss', ['-Hltnp', `sport = :${port}`], { timeout: 5_000 });
  const holder = holderOf(stdout, address);
  if (!holder) return;
  throw new Error(
    `${address}:${port} is wanted for ${wantedFor}, but ${holder} holds it: end that first, or set TEMPORAL_ADDRESS if it is a Temporal server to use`,
  );
}

/** Who listens on the address or on all of them, from the output of ss; undefined when nobody does. */
export function holderOf(output: string, address: string): string | undefined {
  const line = output.split('\n').find((text) => {
    const local = text.split(/\s+/)[3] ?? '';
    return [address, '0.0.0.0', '*', '[::]'].includes(local.slice(0, local.lastIndexOf(':')));
  });
  const [, name, pid] = /\("([^"]+)",pid=(\d+)/.exec(line ?? '') ?? [];
  if (!line) return undefined;
  return pid ? `process ${pid} (${name})` : 'a process that this user may not see';
}

/** Absolute path of a command, or undefined. The sbin directories count, PATH or not. */
export async function which(command: string): Promise<string | undefined> {
  for (const directory of [...(process.env.PATH ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin']) {
    const path = join(directory || '.', command);
    if (
      await access(path, constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return path;
  }
  return undefined;
}

/** Debian's own switch: with a policy of 101, maintainer scripts start no service. A policy that is there stays. */
async function withoutStartingServices(work: () => Promise<void>): Promise<void> {
  const ours = await writeFile(policyFile, '#!/bin/sh\nexit 101\n', { flag: 'wx', mode: 0o755 }).then(
    () => true,
    () => false,
  );
  try {
    await work();
  } finally {
    if (ours) await rm(policyFile, { force: true });
  }
}

async function apt(...args: string[]): Promise<void> {
  const { exitCode, stderr, timedOut } = await execa('apt-get', ['-o', 'DPkg::Lock::Timeout=120', ...args], {
    env: { DEBIAN_FRONTEND: 'noninteractive' },
    reject: false,
    timeout: 10 * 60_000,
  });
  if (exitCode !== 0)
    throw new Error(
      `apt-get ${args.join(' ')} ${timedOut ? 'took more than 10 minutes' : `failed (${exitCode})`}: ${stderr.trim().split('\n').slice(-4).join(' | ')}. Check that this host reaches its Debian mirror`,
    );
}

async function nearest(directory: string): Promise<string> {
  for (let at = directory; ; at = dirname(at)) {
    if (
      await access(at).then(
        () => true,
        () => false,
      )
    )
      return at;
  }
}

function gib(bytes: number): string {
  return (bytes / 2 ** 30).toFixed(1);
}
