// Verdicts of what any rollback leaves: containers and directories gone, files back, agents on CentralHub.
import type { AgentActivities } from '../../machine-api/agents.ts';
import type { ContainerState } from '../../machine-api/containers.ts';
import type { DirectoryState } from '../../machine-api/files.ts';
import type { Evaluation } from '../../week/record.ts';
import type { Undone } from '../../week/undo.ts';
import { inconclusive, unless } from './verdict.ts';

type Shown = Awaited<ReturnType<AgentActivities['shown']>>;

/** What the ledgers said: what was left is named, and is no fault of the rollback. */
export type Results = (Undone & { machine: string })[];

/** The ledger's entry for this thing on this machine, when that was left. */
const leftAt = (undone: Results, machine: string, target: string) =>
  undone.find((entry) => entry.machine === machine && entry.target === target && entry.result === 'left');

/** Gone, or somebody else's and named: what was left, or has its name back. */
export function containersGone(undone: Results, run = '') {
  return (found: { name: string; machine: string; is: ContainerState }[]): Evaluation => {
    if (found.length === 0) return inconclusive('no container was looked at');
    return unless(
      found.map(
        ({ name, machine, is }) =>
          is.exists &&
          !leftAt(undone, machine, name) &&
          (is.run === undefined || is.run === run) &&
          `${name} is still there (${is.status})`,
      ),
      found.map(({ name, is }) => `${name} ${is.exists ? 'left: it is not ours' : 'gone'}`).join(', '),
      { gone: found.filter(({ is }) => !is.exists).length, of: found.length },
    );
  };
}

/** Gone; or there before the week (then the ledger has no entry for it), or left with a reason. */
export function directoriesGone(undone: Results) {
  return (found: (DirectoryState & { machine: string })[]): Evaluation => {
    if (found.length === 0) return inconclusive('no directory was looked at');
    const ours = (on: string, path: string) =>
      undone.some(
        ({ machine, kind, target, result }) =>
          kind === 'directory.remove' && machine === on && target === path && result !== 'left',
      );
    return unless(
      found.map(({ machine, path, exists }) => exists && ours(machine, path) && `${path} is still there`),
      found
        .map(({ machine, path, exists }) =>
          exists
            ? `${path} left: ${leftAt(undone, machine, path)?.detail?.split('\n')[0] ?? 'it was there before'}`
            : `${path} gone`,
        )
        .join(', '),
      { gone: found.filter(({ exists }) => !exists).length, of: found.length },
    );
  };
}

/** Files have the digest that they had before the week, unless somebody changed them since; `theirs`: after they were back. */
export function filesAreBack(undone: Results) {
  return (
    found: {
      machine: string;
      path: string;
      original: string | null | undefined;
      now: string | null;
      theirs?: boolean;
    }[],
  ): Evaluation => {
    if (found.length === 0) return inconclusive('no file was looked at');
    if (found.some(({ original }) => original === undefined))
      return inconclusive('nobody recorded what the files were before');
    // Left as others have it, or without what was the week's: its detail says so.
    const left = (on: string, path: string) =>
      undone.some(
        ({ machine, target, result, detail }) =>
          machine === on &&
          ((result === 'left' && target === path) || (result !== 'failed' && detail?.startsWith(`${path} on `))),
      );
    const others = found.filter(({ original, now, theirs }) => now !== original && theirs);
    const changed = found.filter(
      (file) => file.now !== file.original && !others.includes(file) && !left(file.machine, file.path),
    );
    return unless(
      changed.map(
        ({ path, original, now }) => `${path} is ${now?.slice(0, 12) ?? 'not there'}; it was ${original?.slice(0, 12)}`,
      ),
      [
        `${found.filter(({ original, now }) => now === original).length} of ${found.length} files byte for byte what they were`,
        ...others.map(({ path }) => `${path} was changed by others after it was back`),
      ].join('; '),
      Object.fromEntries(
        found.slice(0, 6).map(({ path, now }) => [path.split('/').at(-1) ?? path, now?.slice(0, 16) ?? null]),
      ),
    );
  };
}

/** One hub, CentralHub, as the agent itself shows. */
export function centralOnly(central: string) {
  return (found: { agent: string; active: Shown | null; hubs: Shown | null }[]): Evaluation => {
    if (found.length === 0) return inconclusive('no agent was asked');
    const mute = found.filter(({ active }) => active === null).map(({ agent }) => agent);
    if (mute.length > 0) return inconclusive(`${mute.slice(0, 3).join(', ')} can't show which hub they use`);
    return unless(
      found.flatMap(({ agent, active, hubs }) => [
        !active?.found &&
          `${agent} uses ${active?.value === undefined || active.value === null ? `no hub that it shows (${active?.error ?? 'no answer'})` : JSON.stringify(active.value)}; ${central} is wanted`,
        Array.isArray(hubs?.value) && hubs.value.length !== 1 && `${agent} knows ${hubs.value.length} hubs`,
      ]),
      `${found.length} agents use ${central} only`,
      { agents: found.length },
    );
  };
}

/** `seen` is when the agent's health last came in at its peer, Unix milliseconds. */
export function postsToPeers(sinceMs: number) {
  return (found: { agent: string; peer: string; seen: number | null }[]): Evaluation => {
    if (found.length === 0) return inconclusive('the plan names no peers, or nobody shows them');
    return unless(
      found.map(
        ({ agent, peer, seen }) =>
          (seen === null || seen < sinceMs) && `${peer} has no health of ${agent} since the rollback`,
      ),
      `health of ${found.length} agents came in at their peers by HTTP`,
      Object.fromEntries(
        found.slice(0, 6).map(({ agent, seen }) => [agent, seen === null ? null : new Date(seen).toISOString()]),
      ),
    );
  };
}
