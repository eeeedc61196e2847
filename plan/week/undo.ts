// The closed union of undos: what a machine's ledger can take back. Each is compound, idempotent and plain JSON.
import { beginOf } from './cut-text.ts';
import type { HttpTarget } from '../machine-api/target.ts';
import type { NatsCredentials } from '../schema/nats-access.ts';

export type Undo =
  /**
   * Removes a directory that we made, then each of `parents` (innermost first) that is empty. Of what is in it, what lies in a `mounted`
   * directory and belongs to its owner is a container's, and goes too; all else is not ours. Ledgers of before do not know what is mounted.
   */
  | { kind: 'directory.remove'; path: string; parents: string[]; mounted?: Mounted[]; volume?: Volume }
  /** Removes a container, if it still is the one with this specification. */
  | { kind: 'container.remove'; name: string; specDigest: string; stopGraceMs: number }
  /** Gives the container that the plan adopted its name back, and starts it if it ran: `aside` is what it is called meanwhile. */
  | {
      kind: 'container.restore';
      name: string;
      id: string;
      aside: string;
      image: string;
      status: 'running' | 'paused' | 'stopped';
      restart: { Name: string; MaximumRetryCount: number };
    }
  /** Puts a file back: from `backup`, or removes it when there was none (null). Left alone when its digest is not `wroteSha256` any more. */
  | {
      kind: 'file.restore';
      path: string;
      backup: string | null;
      /** Of the backup; ledgers of before do not know it. */
      originalSha256?: string;
      wroteSha256: string;
      reload?: ReloadSpec;
      volume?: Volume;
    }
  /** Stops an agent, restores its configuration from `original`, starts it. `backup` lies beside the file for people; ledgers of before know only that. */
  | {
      kind: 'agent.restore';
      program: string;
      config: string;
      backup: string;
      original?: string;
      originalSha256?: string;
      wroteSha256: string;
      startWithinMs: number;
      volume?: Volume;
    }
  /**
   * Gives a variable in the environment of a supervised program its value of before, or takes it out, in the file where that stands (a path of the
   * host), and has supervisord take it up. `value` is ours as it is written; `config` is the agent's own file.
   */
  | {
      kind: 'environment.restore';
      program: string;
      config: string;
      path: string;
      name: string;
      value: string;
      backup: string;
      originalSha256?: string;
      startWithinMs: number;
    }
  /** Deletes a stream, if its description still is the one that we gave it; it is also gone with these containers' data. Earlier builds gave none. */
  | {
      kind: 'stream.delete';
      stream: string;
      servers: string[];
      goneWith: string[];
      description?: string;
      access?: NatsCredentials;
    }
  /**
   * Deletes a consumer that we made in a stream which stays, if its description still is the one that we gave it. Its `containers` must not go
   * before it.
   */
  | {
      kind: 'consumer.delete';
      stream: string;
      durable: string;
      servers: string[];
      containers: string[];
      description: string;
      access?: NatsCredentials;
    }
  /** Lifts an injected fault. */
  | { kind: 'fault.lift'; fault: Fault };

/** A directory into which a container writes; its numeric `owner` is the container's user. */
export interface Mounted {
  path: string;
  owner: string;
}

/** Where a thing lay when it was changed. Another volume there, or none, says nothing about it. Ledgers of before do not know it. */
export interface Volume {
  /** Where it was mounted, for people. */
  at: string;
  /** Its directory as that file system names it: this does not change with where it is mounted, nor with a restart. */
  inside: string;
  /** null where the machine names none. */
  uuid: string | null;
}

/** How a hub takes a new configuration. `jobs` must show in its status afterwards. */
export interface ReloadSpec {
  container: string;
  url: HttpTarget;
  lifecycle: boolean;
  withinMs: number;
}

export type Fault = ContainerFault | Partition;

export type ContainerFault =
  | { kind: 'container-stop'; container: string; stopGraceMs: number }
  | { kind: 'container-kill'; container: string }
  /** Frozen: its ports are open, and nothing answers. */
  | { kind: 'container-pause'; container: string };

export interface Partition {
  /** Drops traffic of these TCP ports to and from these addresses, both ways. */
  kind: 'partition';
  addresses: string[];
  ports: number[];
}

export type UndoResult = 'undone' | 'already' | 'left' | 'failed';

/** What became of one ledger entry. `detail` says why something was left or failed, with the difference where there is one. */
export interface Undone {
  entry: number;
  step: string;
  kind: Undo['kind'];
  target: string;
  result: UndoResult;
  detail?: string;
  /** Of a change that was made again: it had not ended before that, and says something of what is there now. Workers of before do not tell it. */
  current?: true;
  ms: number;
}

/**
 * A ledger gives all entries of a run each time: one that ended before the same change was made again says nothing of what is there now. What
 * an older attempt left, or why it is otherwise than it was, is told.
 */
export function withoutRepeats<T extends Undone>(undone: T[]): T[] {
  const isNewest = newestIn(undone);
  return undone
    .filter(
      (one) =>
        one.result === 'undone' ||
        one.result === 'failed' ||
        isNewest(one) ||
        (one.current && (one.result === 'left' || one.detail !== undefined)),
    )
    .map((one) => {
      const told = { ...one };
      delete told.current;
      return told;
    });
}

/** For a look at what is there now: what an older attempt left does not excuse what the newest was to take back. */
export function withoutOlderLeft<T extends OnOne>(undone: T[]): T[] {
  const isNewest = newestIn(undone);
  return undone.filter((one) => one.result !== 'left' || isNewest(one));
}

/** An entry of a machine's ledger, or of one machine's alone. */
type OnOne = Undone & { machine?: string };

function newestIn<T extends OnOne>(undone: T[]): (one: T) => boolean {
  const changeOf = ({ machine, step, kind, target }: T) => JSON.stringify([machine, step, kind, target]);
  const newest = new Map<string, number>();
  for (const one of undone) newest.set(changeOf(one), Math.max(one.entry, newest.get(changeOf(one)) ?? 0));
  return (one) => one.entry === newest.get(changeOf(one));
}

/** So many characters of details travel with a week: of one entry, and of one rollback. Each is whole in its machine's ledger. */
export const detailKept = 200;
export const detailsKept = 20_000;

/** With what a week can carry of the details: the first of them, the failures before all. Of a rollback in so many parts it is one. */
export function withShortDetails<T extends Undone>(undone: T[], parts = 1): T[] {
  const order = [...undone].sort((one, other) => Number(other.result === 'failed') - Number(one.result === 'failed'));
  const told = new Map<T, string>();
  let left = Math.floor(detailsKept / parts);
  for (const one of order) {
    const detail = one.detail && beginOf(one.detail, Math.min(detailKept, left));
    if (detail) told.set(one, detail);
    left -= detail?.length ?? 0;
  }
  return undone.map((one) => {
    const short = { ...one, detail: told.get(one) };
    if (short.detail === undefined) delete short.detail;
    return short;
  });
}

/** What to undo: the whole run, one task (the first part of a step's id), or one agent. */
export type Scope = { task: string } | { agent: string } | 'all';

/** Whether an entry of a ledger is of a task: by the first part of its step's id, which is all that a ledger knows. */
export function isOfTask(step: string, task: string): boolean {
  return step.startsWith(`${task}.`);
}

/** A consumer as a ledger names it. */
export function consumerOf(stream: string, durable: string): string {
  return `${durable} of ${stream}`;
}

/** What an undo acts on, for people. */
export function targetOf(undo: Undo): string {
  switch (undo.kind) {
    case 'directory.remove':
    case 'file.restore':
      return undo.path;
    case 'container.remove':
    case 'container.restore':
      return undo.name;
    case 'agent.restore':
      return undo.program;
    case 'environment.restore':
      return `${undo.name} of ${undo.program}`;
    case 'stream.delete':
      return undo.stream;
    case 'consumer.delete':
      return consumerOf(undo.stream, undo.durable);
    case 'fault.lift':
      return undo.fault.kind === 'partition'
        ? `partition from ${undo.fault.addresses.join(', ')}`
        : `${undo.fault.kind.replace('container-', '')} of ${undo.fault.container}`;
  }
}
