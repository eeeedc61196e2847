// Images of a machine's Docker daemon: found, or pulled.
import { refusal } from '../context/refusal.ts';
import type { ImageFound } from '../../plan/machine-api/containers.ts';
import { cancelled } from '../context/cancellation.ts';
import type { Host } from '../context/host.ts';
import { engine, nullOn } from './engine.ts';
import { isFullDisk } from './full.ts';

const pullMs = 14 * 60_000;
const registryMs = 15_000;

/**
 * Makes an image present. Throws when no registry gives it, saying how to bring it here by hand.
 */
export async function ensureImage(host: Host, image: string): Promise<ImageFound> {
  const found = await imageHere(host, image);
  if (found) return found;
  if (image.startsWith('sha256:'))
    throw refusal(
      'ImageMissing',
      `${host.machine} has no image ${image}, and an image id can't be pulled: load it there with "docker load"`,
    );
  await pull(host, tagged(image));
  const pulled = await imageHere(host, image);
  if (!pulled)
    throw new Error(`Docker on ${host.machine} pulled ${image} and does not have it: look at "docker images" there`);
  return { ...pulled, pulled: true };
}

/** Finds an image without pulling: here, else its digest at the registry (then `id` is empty); null when neither has it. */
export async function resolveImage(host: Host, image: string): Promise<ImageFound | null> {
  const found = await imageHere(host, image);
  if (found || image.startsWith('sha256:')) return found;
  try {
    const { Descriptor } = await engine(
      host,
      `ask the registry for ${image}`,
      () => host.docker.getImage(tagged(image)).distribution(),
      registryMs,
    );
    return { image, id: '', digest: `${repositoryOf(image)}@${Descriptor.digest}`, pulled: false };
  } catch {
    cancelled().throwIfAborted();
    return null;
  }
}

async function imageHere(host: Host, image: string): Promise<ImageFound | null> {
  const found = await nullOn(
    [404],
    engine(host, `look for the image ${image}`, () => host.docker.getImage(image).inspect()),
  );
  return found && { image, id: found.Id, digest: digestOf(image, found.RepoDigests ?? []), pulled: false };
}

async function pull(host: Host, image: string): Promise<void> {
  try {
    await engine(
      host,
      `pull ${image}`,
      async (abortSignal) => lastError(await host.docker.pull(image, { abortSignal })),
      pullMs,
    );
  } catch (error) {
    cancelled().throwIfAborted();
    if (isFullDisk((error as Error).message)) throw error;
    throw new Error(
      `${(error as Error).message.trim()}. Check that ${host.machine} reaches the registry, or bring the image: "docker save ${image}" where it is, "docker load" on ${host.machine}`,
      { cause: error },
    );
  }
}

/** Reads a pull's progress to its end. Docker answers 200 before it pulls: what goes wrong comes as a line of the progress. */
async function lastError(progress: NodeJS.ReadableStream): Promise<void> {
  let text = '';
  for await (const chunk of progress) {
    const lines = (text + String(chunk)).split('\n');
    text = lines.pop() ?? '';
    for (const line of lines.filter(Boolean)) {
      const { error } = JSON.parse(line) as { error?: string };
      if (error) throw new Error(error);
    }
  }
}

/** The digest under the repository that was asked for; another repository's when there is no such. */
export function digestOf(image: string, repoDigests: string[]): string | null {
  const repository = repositoryOf(image);
  return repoDigests.find((digest) => repositoryOf(digest) === repository) ?? repoDigests[0] ?? null;
}

/** "docker.io/library/nats:2" → "nats": the name as Docker shows it, without tag and digest. */
export function repositoryOf(image: string): string {
  const [name = ''] = image.split('@');
  return name
    .replace(/:[^/:]+$/, '')
    .replace(/^docker\.io\//, '')
    .replace(/^library\//, '');
}

/** Without a tag Docker would pull every tag there is. */
export function tagged(image: string): string {
  return image.includes('@') || /:[^/]+$/.test(image) ? image : `${image}:latest`;
}
