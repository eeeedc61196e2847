// A machine for tests: temporary directories, and Docker as these tests need it.
import type Docker from 'dockerode';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { hostOf, type Host } from '../../activities/context/host.ts';

export interface FakeContainer {
  name: string;
  running: boolean;
  paused?: boolean;
  pid?: number;
  labels?: Record<string, string>;
  mounts?: string[];
}

/** For what is asked of others, and wants of the machine its paths alone. */
export const anyHost: Pick<Host, 'path'> = { path: (planned) => planned };

/** With Docker replaced by a list of containers, which tests may look at and change. */
export async function temporaryMachine(containers: FakeContainer[] = []): Promise<Host> {
  const directory = await mkdtemp(join(tmpdir(), 'hubshift-test-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const root = join(directory, 'root');
  await mkdir(root);
  const host = hostOf({
    name: 'PC2',
    address: '127.0.0.1',
    root,
    docker: join(directory, 'docker.sock'),
    supervisor: join(directory, 'supervisord.conf'),
    state: join(directory, 'state'),
  });
  return { ...host, docker: fakeDocker(containers) };
}

function fakeDocker(containers: FakeContainer[]): Docker {
  const find = (name: string): FakeContainer => {
    const found = containers.find((container) => container.name === name);
    if (!found) throw Object.assign(new Error(`No such container: ${name}`), { statusCode: 404 });
    return found;
  };
  return {
    modem: { socketPath: '/nowhere' },
    listContainers: async () =>
      containers
        .filter(({ running }) => running)
        .map(({ name, mounts = [] }) => ({ Names: [`/${name}`], Mounts: mounts.map((Source) => ({ Source })) })),
    getContainer: (name: string) => ({
      inspect: async () => ({
        Name: `/${find(name).name}`,
        Created: '2026-01-01',
        State: {
          Running: find(name).running,
          Paused: find(name).paused ?? false,
          Status: 'running',
          Pid: find(name).pid ?? 0,
        },
        Config: { Image: 'test', Labels: find(name).labels ?? {} },
        Mounts: (find(name).mounts ?? []).map((mount) => {
          const [Source = '', Destination = ''] = mount.split(':');
          return { Source, Destination };
        }),
      }),
      stop: async () => void (find(name).running = false),
      start: async () => void (find(name).running = true),
      unpause: async () => void (find(name).paused = false),
      remove: async () => void containers.splice(containers.indexOf(find(name)), 1),
    }),
  } as unknown as Docker;
}
