// Docker's own disk, full for real: at each write of a container's deployment in turn, and at each of its undo.
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { describe, expect, it, onTestFinished } from 'vitest';
import { containerActivities } from '../../../activities/docker/docker.ts';
import { ledgerOf } from '../../../activities/ledger/ledger.ts';
import { undo } from '../../../activities/undo/undo.ts';
import { image, spec, withGatewayImage } from '../docker/gateway.ts';
import { temporaryMachine } from '../machine.ts';
import { loopDisk, noLoopDisk, type Lacks, type LoopDisk } from './loop-disk.ts';

const refused = await noLoopDisk();
if (refused)
  process.stdout.write(`No test of a full disk of Docker: this machine mounts no loop devices (${refused})\n`);

/** A daemon with its data on a small disk, the image, and a container that was there before the week. */
async function withDaemon(work: (docker: Docker, disk: LoopDisk) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'hubshift-docker-full-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const disk = await loopDisk(join(directory, 'disk'), 48, 4_096);
  const daemon = join(directory, 'daemon');
  await mkdir(daemon);
  await symlink(disk.at, join(daemon, 'docker'));
  await withGatewayImage(
    { daemon, scratch: directory },
    (docker) => work(docker, disk),
    () => disk.free(),
  );
}

describe.skipIf(refused !== null)("with the disk of Docker's data", () => {
  it.each<Lacks>(['bytes', 'inodes'])(
    'out of %s wherever a container needs some: the deployment says so, all of it is undone, and the others go on',
    { timeout: 120_000 },
    (lacks) =>
      withDaemon(async (docker, disk) => {
        const host = { ...(await temporaryMachine()), docker };
        const ledger = ledgerOf(host, undo);
        const containers = containerActivities(host, ledger);
        const before = await docker.createContainer({
          name: 'before',
          Image: image,
          HostConfig: { RestartPolicy: { Name: 'always' } },
        });
        await before.start();
        const looks = async () => {
          const { State, RestartCount } = await before.inspect();
          return { running: State.Running, startedAt: State.StartedAt, restarts: RestartCount };
        };
        const phase1 = await looks();

        const said = new Set<string>();
        let left = 0;
        for (let works = false; !works; left += 1) {
          const run = `week-${left}`;
          const at = `with ${left} left`;
          await disk.fill(lacks, left);
          const deployed = await containers
            .deployContainer({ change: { run, step: '2B.main.container' }, spec })
            .catch((error: Error) => error);
          works = !(deployed instanceof Error);
          if (deployed instanceof Error) {
            expect(deployed.message, at).toMatch(
              /^Docker on PC2 could not (create|start) gateway: .*: the disk with Docker's data \(\S+\/disk\) is full, free some space there$/,
            );
            said.add(deployed.message.split(' ')[5]!);
          }
          // What the failure gave back, too.
          await disk.fill(lacks);
          const undone = await ledger.rollback({ run, scope: 'all' });
          expect(undone, at).toMatchObject([
            { target: 'gateway', result: expect.stringMatching(/^(undone|already)$/) },
          ]);
          expect(await ledger.remaining(run), at).toEqual([]);
          expect(
            (await docker.listContainers({ all: true })).map(({ Names }) => Names),
            at,
          ).toEqual([['/before']]);
          expect(await looks(), at).toEqual(phase1);
        }
        expect([...said].sort()).toEqual(['create', 'start']);
        console.log(`Docker out of ${lacks}: ${left - 1} times in a deployment, and each time in its undo`);
      }),
  );

  it(
    'full, one that the plan adopts is not stopped; full since then, it comes back all the same',
    { timeout: 60_000 },
    () =>
      withDaemon(async (docker, disk) => {
        const host = { ...(await temporaryMachine()), docker };
        const ledger = ledgerOf(host, undo);
        const containers = containerActivities(host, ledger);
        const theirs = await docker.createContainer({
          name: spec.name,
          Image: image,
          HostConfig: { RestartPolicy: { Name: 'always' } },
        });
        await theirs.start();
        const looks = async () => {
          const { Name, HostConfig, State } = await theirs.inspect();
          return { Name, policy: HostConfig.RestartPolicy, running: State.Running };
        };
        const before = await looks();
        const { StartedAt } = (await theirs.inspect()).State;
        const change = { run: 'week-1', step: '2B.main.container' };
        const deploy = () => containers.deployContainer({ change, spec, adopt: true });

        for (const lacks of ['bytes', 'inodes'] as const)
          for (const left of [0, 8, 32]) {
            await disk.fill(lacks, left);
            await expect(deploy()).rejects.toThrow(
              /^gateway is not stopped on PC2: the disk .* is full, free some space/,
            );
            expect(await looks()).toEqual(before);
            expect((await theirs.inspect()).State.StartedAt).toBe(StartedAt);
            await disk.free();
          }

        await deploy();
        await disk.fill('bytes');
        expect(await ledger.rollback({ run: change.run, scope: 'all' })).toMatchObject([
          { kind: 'container.remove', result: 'undone' },
          { kind: 'container.restore', result: 'undone' },
        ]);
        expect(await looks()).toEqual(before);
      }),
  );
});
