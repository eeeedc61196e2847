// A container for tests with a daemon of their own: a Pushgateway, and a daemon that has its image and is left without containers.
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { withHostDocker } from '../../../lab/docker.ts';
import { buildImage } from '../../../lab/image-build.ts';
import type { ContainerSpec } from '../../../plan/machine-api/containers.ts';

export const image = 'prom/pushgateway:latest';
export const spec: ContainerSpec = {
  name: 'gateway',
  image,
  restart: 'always',
  ports: [],
  binds: [],
  command: ['--log.level=debug'],
  extraHosts: {},
  stopGraceMs: 2_000,
};

/** `daemon` is the daemon's directory, `scratch` where the image is built; `freed` comes before the containers are removed. */
export async function withGatewayImage(
  { daemon, scratch }: { daemon: string; scratch: string },
  work: (docker: Docker) => Promise<void>,
  freed: () => Promise<void> = async () => undefined,
): Promise<void> {
  const archive = join(scratch, 'image.tar');
  await buildImage('pushgateway', image, archive);
  await withHostDocker(daemon, async (docker) => {
    const loading = await docker.loadImage(createReadStream(archive), { quiet: true });
    for await (const _ of loading);
    try {
      await work(docker);
    } finally {
      await freed();
      for (const { Id } of await docker.listContainers({ all: true }))
        await docker.getContainer(Id).remove({ force: true, v: true });
    }
  });
}
