// Programs from package registries, kept in the cache: Debian's Prometheus tools, and what is built from Go modules.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { execa, ExecaError } from 'execa';
import { cacheDirectory } from './state.ts';

const binDirectory = join(cacheDirectory, 'bin');
const usualNats = '2.15.3';
const packageOf = {
  prometheus: 'prometheus',
  promtool: 'prometheus',
  'prometheus-pushgateway': 'prometheus-pushgateway',
} as const;

/** Path of a program out of its Debian package. The package is unpacked into the cache, not installed: no service of its own starts. */
export async function debianBinary(program: keyof typeof packageOf): Promise<string> {
  const unpacked = join(cacheDirectory, 'debian', packageOf[program]);
  const path = join(unpacked, 'usr/bin', program);
  if (existsSync(path)) return path;
  mkdirSync(join(cacheDirectory, 'debian'), { recursive: true });
  const work = mkdtempSync(join(cacheDirectory, 'debian', 'get-'));
  try {
    await download(packageOf[program], work);
    const archive = readdirSync(work).find((file) => file.endsWith('.deb'));
    if (!archive) throw new Error(`apt-get download ${packageOf[program]} left no package in ${work}`);
    await execa('dpkg-deb', ['--extract', join(work, archive), join(work, 'root')], { timeout: 120_000 });
    rmSync(unpacked, { recursive: true, force: true });
    renameSync(join(work, 'root'), unpacked);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return path;
}

/** The versions that somebody wants in the place of the usual ones: `HUBSHIFT_LAB_PROMETHEUS=3.16.0`, `HUBSHIFT_LAB_NATS=2.10.7`. */
export function wantedVersions(): { prometheus: string | undefined; nats: string | undefined } {
  const version = (variable: string) => {
    const named = process.env[variable] || undefined;
    if (named && !/^\d+\.\d+\.\d+$/.test(named))
      throw new Error(`${variable} is a version such as 2.15.3; found ${JSON.stringify(named)}`);
    return named;
  };
  return { prometheus: version('HUBSHIFT_LAB_PROMETHEUS'), nats: version('HUBSHIFT_LAB_NATS') };
}

/** Path of nats-server, built from Go modules the first time (about half a minute). */
export async function natsServerBinary(): Promise<string> {
  const version = wantedVersions().nats ?? usualNats;
  return goInstall('nats-server', `github.com/nats-io/nats-server/v2@v${version}`, 5 * 60_000, {
    as: `nats-server-${version}`,
  });
}

/** Debian's; a version that is wanted is built from Go modules the first time (some ten minutes), without what discovers targets in clouds. */
export async function prometheusBinary(program: 'prometheus' | 'promtool'): Promise<string> {
  const { prometheus: version } = wantedVersions();
  if (!version) return debianBinary(program);
  const module = `github.com/prometheus/prometheus/cmd/${program}@${moduleVersion(version)}`;
  const said = `-X github.com/prometheus/common/version.Version=${version}`;
  return goInstall(program, module, 30 * 60_000, {
    as: `${program}-${version}`,
    flags: ['-tags', 'netgo,remove_all_sd', '-ldflags', said],
  });
}

/** As Prometheus calls its releases among Go's modules: 3.16.0 is v0.316.0. Those of 2 can't be installed by Go: their modules replace others. */
export function moduleVersion(version: string): string {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  if (major !== 3)
    throw new Error(`Prometheus ${version} can't be built from Go modules: name a 3.x, or none, which is Debian's`);
  return `v0.${major * 100 + minor}.${patch}`;
}

/** Path of a Go program that was installed into the cache before. */
export function cachedGoProgram(program: string): string | undefined {
  const path = join(binDirectory, program);
  return existsSync(path) ? path : undefined;
}

/** Installs a Go program into the cache and returns its path. Throws with the way out where Go or its module proxy is missing. */
export async function goInstall(
  program: string,
  module: string,
  timeoutMs: number,
  { as = program, flags = [] as string[] } = {},
): Promise<string> {
  const cached = cachedGoProgram(as);
  if (cached) return cached;
  const path = join(binDirectory, as);
  mkdirSync(binDirectory, { recursive: true });
  const work = mkdtempSync(join(binDirectory, 'go-'));
  try {
    await execa('go', ['install', ...flags, module], { env: { GOBIN: work, CGO_ENABLED: '0' }, timeout: timeoutMs });
    renameSync(join(work, program), path);
  } catch (error) {
    throw new Error(
      `go install ${module} failed: ${reasonOf(error)}. Install Go 1.22 or later and see that it reaches its module proxy, or open the network so that ${program} can be downloaded`,
      { cause: error },
    );
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return path;
}

async function download(name: string, directory: string): Promise<void> {
  const options = { cwd: directory, env: { DEBIAN_FRONTEND: 'noninteractive' }, timeout: 5 * 60_000 };
  const first = await execa('apt-get', ['download', name], { ...options, reject: false });
  if (first.exitCode === 0) return;
  try {
    // A fresh system has no package lists yet.
    await execa('apt-get', ['update'], options);
    await execa('apt-get', ['download', name], options);
  } catch (error) {
    throw new Error(
      `apt-get download ${name} failed: ${reasonOf(error)}. See that this host reaches its Debian mirror, or open the network so that the image can be pulled`,
      { cause: error },
    );
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof ExecaError)) return (error as Error).message;
  return [
    error.shortMessage,
    ...String(error.stderr ?? '')
      .trim()
      .split('\n')
      .slice(-3),
  ].join(' | ');
}
