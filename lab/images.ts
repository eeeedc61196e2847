// The lab's images: taken from the cache, pulled on an open network, or else built from packages; then loaded into every daemon.
import { createReadStream, createWriteStream, existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type Docker from 'dockerode';
import type { Plan, Service } from '../plan/schema/plan.ts';
import { wantedVersions } from './binaries.ts';
import { dockerOf, withHostDocker } from './docker.ts';
import { buildImage, type ImageKind } from './image-build.ts';
import type { LabMachine } from './layout.ts';
import { cacheDirectory, labDirectory } from './state.ts';

export interface LabImage {
  /** As the plan names it, such as nats:latest. */
  tag: string;
  kind: ImageKind;
}

/** Every image that the plan names, once, with what can stand in for it. */
export function imagesOf(plan: Plan): LabImage[] {
  const kinds = {
    'central-hub': 'prometheus',
    'edge-hub': 'prometheus',
    pushgateway: 'pushgateway',
    nats: 'nats',
  } as const satisfies Record<Service['kind'], ImageKind>;
  const images = plan.services.flatMap((service) =>
    service.kind === 'central-hub' ? [] : [{ tag: service.image, kind: kinds[service.kind] }],
  );
  return images.filter(({ tag }, index) => images.findIndex((other) => other.tag === tag) === index);
}

/** Puts an archive of every image into the cache. Needs an open network or the package registries, the first time. */
export async function cacheImages(images: LabImage[], say: (line: string) => void): Promise<void> {
  mkdirSync(join(cacheDirectory, 'images'), { recursive: true });
  const missing = images.filter((image) => !existsSync(archiveOf(image)));
  if (missing.length === 0) return;
  // A registry has its own idea of what a tag is.
  const [wanted, others] = [missing.filter(versionOf), missing.filter((image) => !versionOf(image))];
  const left = [...wanted, ...(others.length > 0 ? await pullAll(others, say) : [])];
  for (const image of left) {
    say(`building ${image.tag} from packages`);
    await buildImage(image.kind, image.tag, archiveOf(image));
  }
}

/** Loads the archives of those images that the machine's daemon does not have yet. */
export async function loadImages(machine: LabMachine, images: LabImage[]): Promise<void> {
  const docker = dockerOf(machine);
  for (const image of images) {
    if (await hasImage(docker, image.tag)) continue;
    const answer = await docker.loadImage(createReadStream(archiveOf(image)), { quiet: true });
    const text = await readAll(answer);
    if (!(await hasImage(docker, image.tag)))
      throw new Error(
        `Loading ${image.tag} into Docker of ${machine.name} from ${archiveOf(image)} failed: ${text.trim()}. Remove that file to have it made anew`,
      );
  }
}

/** Pulls with a daemon on the host's own network. Returns the images that no registry gave. */
async function pullAll(images: LabImage[], say: (line: string) => void): Promise<LabImage[]> {
  return withHostDocker(join(labDirectory, 'pull'), async (docker) => {
    for (const [index, image] of images.entries()) {
      try {
        await pull(docker, image.tag);
      } catch (error) {
        say(`no registry gives ${image.tag} (${(error as Error).message})`);
        return images.slice(index);
      }
      say(`pulled ${image.tag}`);
      const archive = archiveOf(image);
      await pipeline(await docker.getImage(image.tag).get(), createWriteStream(`${archive}.new`));
      renameSync(`${archive}.new`, archive);
    }
    return [];
  });
}

/** Gives up when the registry has not answered within 5 s, or the pull is silent for a minute. */
async function pull(docker: Docker, tag: string): Promise<void> {
  const stop = new AbortController();
  const giveUp = (afterMs: number) =>
    setTimeout(() => stop.abort(new Error(`silent for ${afterMs / 1000} s`)), afterMs);
  let timer = giveUp(5_000);
  try {
    const stream = await docker.pull(tag, { abortSignal: stop.signal });
    await new Promise<void>((resolve, reject) => {
      stop.signal.addEventListener('abort', () => reject(stop.signal.reason as Error));
      docker.modem.followProgress(
        stream,
        (error) => (error ? reject(error) : resolve()),
        () => {
          clearTimeout(timer);
          timer = giveUp(60_000);
        },
      );
    });
  } finally {
    clearTimeout(timer);
  }
}

/** One of each version that was wanted, beside the usual one. */
function archiveOf(image: LabImage): string {
  const version = versionOf(image);
  const name = image.tag.replaceAll(/[^a-zA-Z0-9.-]/g, '_');
  return join(cacheDirectory, 'images', `${name}${version ? `@${version}` : ''}.tar`);
}

function versionOf({ kind }: LabImage): string | undefined {
  const wanted: Partial<Record<ImageKind, string | undefined>> = wantedVersions();
  return wanted[kind];
}

async function hasImage(docker: Docker, tag: string): Promise<boolean> {
  return docker
    .getImage(tag)
    .inspect()
    .then(
      () => true,
      () => false,
    );
}

async function readAll(stream: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text;
}
