// A program that is a group of its own, as supervisord has read it from its files and as it runs.
import type { Host } from '../context/host.ts';
import { call, Fault } from './rpc.ts';

const answerMs = 10_000;

/**
 * Has supervisord read its files, which changes nothing that runs: whether they say something else of the group than what runs, or have one that
 * does not. Throws when they can't be read; supervisord's own words may have values of them.
 */
export async function isPending(host: Host, group: string): Promise<boolean> {
  const answer = await call(host, answerMs, 'reloadConfig').catch((error: unknown) => {
    if (!(error instanceof Fault)) throw error;
    throw new Error(
      `supervisord on ${host.machine} can't read its configuration (${error.message.split(':')[0]}): "supervisorctl reread" says why`,
    );
  });
  const [[added, changed]] = answer as unknown as [[string[], string[], string[]]];
  return added.includes(group) || changed.includes(group);
}

/** Takes what is read of a group that is stopped, or gone, in the place of what ran; supervisord starts it where it starts by itself. */
export async function takeUp(host: Host, group: string): Promise<void> {
  await unless(call(host, answerMs, 'removeProcessGroup', group), 'BAD_NAME');
  await unless(call(host, answerMs, 'addProcessGroup', group), 'ALREADY_ADDED');
}

/** Who is in the group beside the program that it is called by. */
export async function othersIn(host: Host, group: string): Promise<string[]> {
  const all = (await call(host, answerMs, 'getAllProcessInfo')) as unknown as { group: string; name: string }[];
  return all.filter((one) => one.group === group && one.name !== group).map(({ name }) => `${group}:${name}`);
}

async function unless(answer: Promise<unknown>, fault: string): Promise<void> {
  await answer.catch((error: unknown) => {
    if (!(error instanceof Fault && error.message.startsWith(fault))) throw error;
  });
}
