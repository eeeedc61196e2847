// A container that the plan adopts, with a real daemon: put aside without a restart policy, and back as it was, whatever that is.
import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { expect, it, onTestFinished } from 'vitest';
import { containerActivities } from '../../../activities/docker/docker.ts';
import { ledgerOf } from '../../../activities/ledger/ledger.ts';
import { undo } from '../../../activities/undo/undo.ts';
import { withHostDocker } from '../../../lab/docker.ts';
import { buildImage } from '../../../lab/image-build.ts';
import type { ContainerSpec } from '../../../plan/machine-api/containers.ts';
import { temporaryMachine } from '../machine.ts';

const image = 'prom/pushgateway:latest';
const spec: ContainerSpec = {
  name: 'gateway',
  image,
  restart: 'always',
  ports: [],
  binds: [],
  command: ['--log.level=debug'],
  extraHosts: {},
  stopGraceMs: 2_000,
};

/** What of a container must be as before; when it was started is not. */
async function looks(docker: Docker, name: string) {
  const { Id, Name, Config, HostConfig, Mounts, State } = await docker.getContainer(name).inspect();
  return { Id, Name, Config, HostConfig, Mounts, running: State.Running, paused: State.Paused };
}

async function withDaemon(work: (docker: Docker) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'hubshift-adopt-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const archive = join(directory, 'image.tar');
  await buildImage('pushgateway', image, archive);
  await withHostDocker(join(directory, 'docker'), async (docker) => {
    const loading = await docker.loadImage(createReadStream(archive), { quiet: true });
    for await (const _ of loading);
    try {
      await work(docker);
    } finally {
      for (const { Id } of await docker.listContainers({ all: true }))
        await docker.getContainer(Id).remove({ force: true, v: true });
    }
  });
}

it('is stopped and never restarted while ours has its name, and comes back the very same', { timeout: 180_000 }, () =>
  withDaemon(async (docker) => {
    const host = { ...(await temporaryMachine()), docker };
    const ledger = ledgerOf(host, undo);
    const containers = containerActivities(host, ledger);
    const change = (run: string) => ({ run, step: '2B.main.container' });
    for (const [policy, status] of [
      ['always', 'running'],
      ['on-failure', 'running'],
      ['unless-stopped', 'paused'],
      ['no', 'stopped'],
    ] as const) {
      const run = `week-${policy}`;
      const theirs = await docker.createContainer({
        name: spec.name,
        Image: image,
        Labels: { team: 'night shift' },
        Volumes: { '/data': {} },
        HostConfig: { RestartPolicy: { Name: policy, MaximumRetryCount: policy === 'on-failure' ? 3 : 0 } },
      });
      if (status !== 'stopped') await theirs.start();
      if (status === 'paused') await theirs.pause();
      const before = await looks(docker, spec.name);

      await expect(containers.deployContainer({ change: change(run), spec })).rejects.toMatchObject({
        type: 'ForeignContainer',
      });
      expect(await looks(docker, spec.name)).toEqual(before);

      await containers.deployContainer({ change: change(run), spec, adopt: true });
      expect(await looks(docker, spec.name)).toMatchObject({ running: true, Config: { Cmd: spec.command } });
      expect(await looks(docker, `gateway.before-${run}`)).toMatchObject({
        Id: before.Id,
        running: false,
        HostConfig: { RestartPolicy: { Name: 'no' } },
      });

      expect((await ledger.rollback({ run, scope: 'all' })).map(({ kind, result }) => `${kind} ${result}`)).toEqual([
        'container.remove undone',
        'container.restore undone',
      ]);
      expect(await looks(docker, spec.name), policy).toEqual(before);
      expect(await docker.listContainers({ all: true })).toHaveLength(1);
      expect(await ledger.remaining(run)).toEqual([]);
      await theirs.remove({ force: true, v: true });
    }
  }),
);
