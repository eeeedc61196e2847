// Directories that are not the week's alone: what others put there is named and stays, what is used or away is not called undone.
import { existsSync, readlinkSync } from 'node:fs';
import { chown, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, expect, test } from 'vitest';
import { follow, hubshift, isStatus, must, progress, startQuickly } from './lab.ts';
import { endWeek, useLab } from './use-lab.ts';

const minutes = 60_000;
const base = 'pc2/observability';
const nobody = 65534;

const lab = useLab();
afterEach(() => endWeek(lab));

const at = (...path: string[]) => join(lab.machine('PC2').root, ...path);

async function atTheGate(): Promise<string> {
  const run = await startQuickly();
  await follow(isStatus('deciding'), 4 * minutes);
  return run;
}

/** Level 3, which does not succeed; what the week says of the entries that failed. */
async function failedAtLevel3(): Promise<string[]> {
  expect((await hubshift('emergency', '--level', '3')).exitCode).not.toBe(0);
  return (await progress())!.snapshot!.undone!.failed;
}

/** Mounts or unmounts wherever the machine's processes look: a worker has a mount namespace of its own. */
async function forMachine(name: string, program: 'mount' | 'umount', ...args: string[]): Promise<void> {
  const { stdout } = await execa('ip', ['netns', 'pids', lab.machine(name).namespace], { timeout: 10_000 });
  const seen = new Set<string>();
  for (const pid of ['self', ...stdout.split('\n').filter(Boolean)]) {
    const namespace = mountNamespace(pid);
    if (!namespace || seen.has(namespace)) continue;
    seen.add(namespace);
    // A container does not see the place.
    await execa('nsenter', [`--mount=/proc/${pid}/ns/mnt`, program, ...args], { timeout: 10_000, reject: false });
  }
}

function mountNamespace(pid: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/mnt`);
  } catch {
    return undefined;
  }
}

test("an operator's keys and a changed configuration are named before, and stay with the path to them", async () => {
  const run = await atTheGate();
  const keys = ['tls.key', 'config/tls.key', 'certs/ca.pem'].map((name) => at(base, name));
  await mkdir(at(base, 'certs'));
  for (const key of keys) await writeFile(key, 'a key\n', { mode: 0o600 });
  await chown(at(base, 'config/tls.key'), nobody, nobody);
  const nats = at('pc2/nats/config/nats-pc2.conf');
  const changed = `${await readFile(nats, 'utf8')}# by hand\n`;
  await writeFile(nats, changed);

  const expected = [
    expect.stringMatching(/left +file\.restore +\/pc2\/nats\/config\/nats-pc2\.conf/),
    expect.stringMatching(/left +directory\.remove +\/pc2\/nats .*config\/nats-pc2\.conf/),
    expect.stringMatching(/left +directory\.remove +\/pc2\/observability .*tls\.key/),
  ];
  const dryRun = await must('rollback', '--emergency', '--machine', 'PC2', '--run', run, '--dry-run');
  const lines = dryRun.split('\n').filter((line) => /^ +(left|failed)/.test(line));
  expect(lines).toHaveLength(expected.length);
  expect(lines).toEqual(expect.arrayContaining(expected));
  const preview = await must('rollback', '--preview');
  for (const name of ['tls.key', 'config/tls.key', 'certs/', 'config/nats-pc2.conf']) expect(preview).toContain(name);

  try {
    await must('emergency', '--level', '3');
    for (const key of keys) expect(await readFile(key, 'utf8')).toBe('a key\n');
    expect(await readFile(nats, 'utf8')).toBe(changed);
    for (const gone of [`${base}/data`, `${base}/logs`, 'pc2/nats/data', 'pc2/pushgateway'])
      expect(existsSync(at(gone)), gone).toBe(false);
  } finally {
    await rm(at('pc2'), { recursive: true });
  }
  expect(await lab.changes()).toEqual([]);
});

test("a directory that somebody's container uses under another name is not removed before that is stopped", async () => {
  await atTheGate();
  const image = await lab.docker('PC2', 'inspect', '--format', '{{.Image}}', 'nats-pc2');
  await symlink('pc2', at('alias'));
  const mount = `type=bind,source=${at('alias', base.slice('pc2/'.length), 'logs')},target=/logs`;
  await lab.docker('PC2', 'run', '--detach', '--name', 'stranger', '--mount', mount, image);
  try {
    expect(await failedAtLevel3()).toEqual([expect.stringContaining('running containers stranger')]);
    expect(existsSync(at(base, 'data'))).toBe(true);
  } finally {
    await lab.docker('PC2', 'rm', '--force', 'stranger');
    await rm(at('alias'));
  }
  await must('rollback', '--reason', 'nobody uses it any more');
  expect(await lab.changes()).toEqual([]);
});

test('with /pc2 a link to a volume: a rollback while that is away fails and says so, and ends when it is back', async () => {
  const [disk, volume] = [at('disk'), at('srv/a volume')];
  await mkdir(disk);
  await mkdir(volume, { recursive: true });
  const mount = () => forMachine('PC2', 'mount', '--bind', disk, volume);
  const umount = () => forMachine('PC2', 'umount', volume);
  await mount();
  await symlink('srv/a volume', at('pc2'));
  try {
    await atTheGate();
    for (const name of ['edgehub', 'pushgateway-pc2', 'nats-pc2']) await lab.docker('PC2', 'rm', '--force', name);
    await umount();
    const failed = await failedAtLevel3();
    expect(failed).toContainEqual(
      expect.stringMatching(/^PC2: directory\.remove \/pc2\/observability: .*lay on the volume/),
    );
    expect(failed).toContainEqual(
      expect.stringMatching(/^PC2: file\.restore .*prometheus-edge\.yml: .*lay on the volume/),
    );
    await mount();
    await must('rollback', '--reason', 'the volume is there again');
    expect(await readdir(disk)).toEqual([]);
  } finally {
    await umount();
    for (const path of ['pc2', 'srv', 'disk']) await rm(at(path), { recursive: true, force: true });
  }
  expect(await lab.changes()).toEqual([]);
});
