// What ends a command early, and the exit codes of all commands.

export const exitCodes = {
  /** Done, or pass. */
  done: 0,
  failed: 1,
  /** Wrong usage, or (dry run) changes to make. */
  usage: 2,
  /** Temporal, or a worker that must answer, is not reachable. */
  unreachable: 3,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** One clear paragraph for people: what, where, how to mend it. */
export class Failure extends Error {
  override name = 'Failure';
  constructor(
    message: string,
    readonly exitCode: ExitCode = exitCodes.failed,
  ) {
    super(message);
  }
}
