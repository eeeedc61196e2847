// Verdicts of what any rollback leaves: containers and directories gone, files back, agents on CentralHub.
import type { AgentActivities } from '../../machine-api/agents.ts';
import type { ContainerState } from '../../machine-api/containers.ts';
import type { DirectoryState } from '../../machine-api/files.ts';
import type { AgentBefore } from '../../week/facts.ts';
import type { Evaluation } from '../../week/record.ts';
import type { Undone } from '../../week/undo.ts';
import { mustBeBack } from './own-changes.ts';
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
        ({ path, original, now }) =>
          `${path} is ${now?.slice(0, 12) ?? 'not there'}; it was ${original?.slice(0, 12) ?? 'not there'}`,
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

/** What is held against an agent: how it was before this run, where that is known. */
interface Held {
  agent: string;
  before?: AgentBefore;
  /** Whether this run changed it; it did where nothing else is said. */
  changed?: boolean;
}

export interface UsesHubs extends Held {
  active: Shown | null;
  hubs: Shown | null;
}

/** One hub, CentralHub, as the agent itself shows; or what it used before. How an agent was that this run has not changed may be unknown. */
export function centralOnly(central: string) {
  return (found: UsesHubs[]): Evaluation => {
    if (found.length === 0) return inconclusive('no agent was asked');
    const mute = found.filter(({ active }) => active === null).map(({ agent }) => agent);
    if (mute.length > 0) return inconclusive(`${mute.slice(0, 3).join(', ')} can't show which hub they use`);
    const onCentral = found.filter(({ active, hubs }) => active?.value === central && knows(hubs) === 1);
    return unless(
      found
        .filter(({ before, changed }) => mustBeBack(changed, before?.hub))
        .flatMap(({ agent, active, hubs, before }) => [
          !active?.found &&
            `${agent} uses ${active?.value === undefined || active.value === null ? `no hub that it shows (${active?.error ?? 'no answer'})` : JSON.stringify(active.value)}; ${central} is wanted`,
          knows(hubs) !== 1 && knows(hubs) !== before?.hubs && `${agent} knows ${knows(hubs)} hubs`,
        ]),
      [`${onCentral.length} agents use ${central} only`, ...asBefore(found, onCentral)].join('; '),
      { agents: found.length },
    );
  };
}

/** Where nobody shows how many, that it uses CentralHub is all that is known. */
function knows(hubs: Shown | null): number {
  return Array.isArray(hubs?.value) ? hubs.value.length : 1;
}

/** Of those that are not as in Phase 1, why that is no fault of this run. */
function asBefore(found: Held[], asInPhase1: Held[]): string[] {
  const others = found.filter((one) => !asInPhase1.includes(one));
  const named = (changed: boolean) =>
    others.filter((one) => (one.changed ?? true) === changed).map(({ agent }) => agent);
  const [ours, theirs] = [named(true), named(false)];
  return [
    ...(ours.length > 0 ? [`as before this run: ${ours.slice(0, 4).join(', ')}`] : []),
    ...(theirs.length > 0 ? [`not changed by this run: ${theirs.slice(0, 4).join(', ')}`] : []),
  ];
}

export interface HeardByPeer extends Held {
  peer: string;
  /** When the agent's health last came in at its peer, Unix milliseconds. */
  seen: number | null;
}

/** Health comes in by HTTP, or did not before either. */
export function postsToPeers(sinceMs: number) {
  return (found: HeardByPeer[]): Evaluation => {
    if (found.length === 0) return inconclusive('the plan names no peers, or nobody shows them');
    const heard = found.filter(({ seen }) => seen !== null && seen >= sinceMs);
    return unless(
      found.map(
        (one) =>
          !heard.includes(one) &&
          one.before?.posts !== false &&
          mustBeBack(one.changed, one.before?.posts) &&
          `${one.peer} has no health of ${one.agent} since the rollback`,
      ),
      [`health of ${heard.length} agents came in at their peers by HTTP`, ...asBefore(found, heard)].join('; '),
      Object.fromEntries(
        found.slice(0, 6).map(({ agent, seen }) => [agent, seen === null ? null : new Date(seen).toISOString()]),
      ),
    );
  };
}
