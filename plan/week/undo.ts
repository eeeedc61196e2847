// The closed union of undos: what a machine's ledger can take back. Each is compound, idempotent and plain JSON.

export type Undo =
  /** Removes a directory that we made, with what is in it, then each of `parents` (innermost first) that is empty. */
  | { kind: 'directory.remove'; path: string; parents: string[] }
  /** Removes a container, if it still is the one with this specification. */
  | { kind: 'container.remove'; name: string; specDigest: string; stopGraceMs: number }
  /** Puts a file back: from `backup`, or removes it when there was none (null). Left alone when its digest is not `wroteSha256` any more. */
  | { kind: 'file.restore'; path: string; backup: string | null; wroteSha256: string; reload?: ReloadSpec }
  /** Stops an agent, restores its configuration, starts it. */
  | {
      kind: 'agent.restore';
      program: string;
      config: string;
      backup: string;
      wroteSha256: string;
      startWithinMs: number;
    }
  /** Deletes a stream; it is also gone with these containers' data. */
  | { kind: 'stream.delete'; stream: string; servers: string[]; goneWith: string[] }
  /** Lifts an injected fault. */
  | { kind: 'fault.lift'; fault: Fault };

/** How a hub takes a new configuration. `jobs` must show in its status afterwards. */
export interface ReloadSpec {
  container: string;
  url: string;
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
  ms: number;
}

/** What to undo: the whole run, one task (the first part of a step's id), or one agent. */
export type Scope = { task: string } | { agent: string } | 'all';

/** Whether an entry of a ledger is of a task: by the first part of its step's id, which is all that a ledger knows. */
export function isOfTask(step: string, task: string): boolean {
  return step.startsWith(`${task}.`);
}

/** What an undo acts on, for people. */
export function targetOf(undo: Undo): string {
  switch (undo.kind) {
    case 'directory.remove':
    case 'file.restore':
      return undo.path;
    case 'container.remove':
      return undo.name;
    case 'agent.restore':
      return undo.program;
    case 'stream.delete':
      return undo.stream;
    case 'fault.lift':
      return undo.fault.kind === 'partition'
        ? `partition from ${undo.fault.addresses.join(', ')}`
        : `${undo.fault.kind.replace('container-', '')} of ${undo.fault.container}`;
  }
}
