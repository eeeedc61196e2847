// What must be known of whoever runs programs on a machine. One more of them is a file with these, and an entry in runners.ts.
import type { Point } from '../../plan/evidence/impact-readings.ts';
import type { ProgramStatus } from '../../plan/machine-api/agents.ts';
import type { Host } from '../context/host.ts';

/** Names are those that it has itself. What it does not answer in time is thrown; a restart is a stop and a start (while-stopped.ts). */
export interface Runner {
  /** "supervisord on PC2 knows no program x", for people; it is said of nothing that is there. */
  unknown(host: Host, name: string): string;
  /** What it has that may be meant by a name that it does not know. */
  alikeTo(host: Host, name: string): Promise<string[]>;
  /** One for each name, by as few calls as it takes: RUNNING, which others that run are not, STOPPING, UNKNOWN when it does not know it, else in its own words. */
  status(host: Host, names: string[], withinMs: number): Promise<ProgramStatus[]>;
  /**
   * That somebody told a program to stop, for people: "STOPPED since …"; null where it runs, or has ended by itself. Where its runner does not tell
   * that, one that has failed is taken to have been stopped, unless it was started after `movedAt`, when the week began to move it.
   */
  stoppedOnPurpose(host: Host, name: string, movedAt?: number): Promise<string | null>;
  /** How it calls the time that a program has for its end before it is killed. */
  stopWait: string;
  /** That time; null when it does not tell. */
  stopWaitMs(host: Host, name: string): Promise<number | null>;
  /** Stops a program and waits for its end, as long as it waits itself; one that is stopped already is fine. */
  stop(host: Host, name: string, withinMs: number): Promise<ProgramStatus>;
  /** Starts a program and waits until it stays up; one that runs already is fine. Throws when it does not. */
  start(host: Host, name: string, withinMs: number): Promise<Started>;
  /** Of one that it does not know: whether it is there to be taken up all the same. Throws where that can't be told; without it none is. */
  isTakenOut?(host: Host, name: string): Promise<boolean>;
  /** Which of its lives is on, another after each start, where it does not tell of a program that runs that it is being stopped. */
  lifeOf?(host: Host, name: string): Promise<string>;
  /**
   * Has a program started, and does not wait for it. One that is being stopped is not started, unless its end is waited for (`waits`); one that
   * has been started since `life`, in which it was stopped, is left alone. Nothing is known of that where it is empty.
   */
  tellToStart(host: Host, name: string, waits: boolean, life: string): Promise<ToldToStart>;
  /** What programs have used up to now, by name; nothing of those that don't run. */
  used(host: Host, found: ProgramStatus[]): Promise<Map<string, Point>>;
  /** Throws ProgramUnfit where a program can't be moved by stop, another file in the place of `config`, and start. Without it any can. */
  refuseUnfit?(host: Host, name: string, config: string): Promise<void>;
  /** An agent's own check of a file, where that is not run on the machine itself, as who owns the file. */
  check?(host: Host, name: string, asked: ToCheck): Promise<Checked>;
  /** Where it keeps what a program writes, for plans that name no file; a path of this host. */
  logFile?(host: Host, name: string): Promise<string>;
  /** The commands of a person. */
  byHand(
    host: Host,
    name: string,
  ): Record<'stop' | 'start' | 'status', string[]> & {
    /** What the last of them must show. */
    up: string;
  };
}

/** `file` of this host is to become `config` of the plan, which `{config}` in the command stands for. */
export interface ToCheck {
  command: string[];
  config: string;
  file: string;
  timeoutMs: number;
}

export interface Checked {
  ok: boolean;
  output: string;
}

export type ToldToStart = 'told' | 'stopping' | 'runs' | 'unknown';

export interface Started extends ProgramStatus {
  /** Somebody else had started it, and when is not known. */
  byOthers: boolean;
}
