// A container that the plan adopts, with a real daemon: put aside without a restart policy, and back as it was, whatever that is.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { expect, it, onTestFinished } from 'vitest';
import { containerActivities } from '../../../activities/docker/docker.ts';
import { ledgerOf } from '../../../activities/ledger/ledger.ts';
import { undo } from '../../../activities/undo/undo.ts';
import { temporaryMachine } from '../machine.ts';
import { image, spec, withGatewayImage } from './gateway.ts';

/** What of a container must be as before; when it was started is not. */
async function looks(docker: Docker, name: string) {
  const { Id, Name, Config, HostConfig, Mounts, State } = await docker.getContainer(name).inspect();
  return { Id, Name, Config, HostConfig, Mounts, running: State.Running, paused: State.Paused };
}

async function withDaemon(work: (docker: Docker) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'hubshift-adopt-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  await withGatewayImage({ daemon: join(directory, 'docker'), scratch: directory }, work);
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
