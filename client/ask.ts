// A question to the person at the terminal.
import { createInterface } from 'node:readline/promises';
import { Failure } from './failure.ts';

/** True for y or yes; anything else is no, and so is no answer (Ctrl-C, Ctrl-D). */
export async function askYes(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const closed = new Promise<string>((resolve) => terminal.once('close', () => resolve('\n')));
  try {
    const answer = await Promise.race([terminal.question(`${question} [y/N] `), closed]);
    if (answer === '\n') process.stdout.write(answer);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}

/** Whether somebody can answer. */
export function isAttended(): boolean {
  return process.stdin.isTTY && process.stdout.isTTY;
}

/** Throws Failure when not everything of the run is meant to go. */
export async function confirmRollback(run: string, without: string[] = []): Promise<void> {
  const but = without.length > 0 ? `, but for ${without.join(', ')}` : '';
  await confirm(`Undo everything of run ${run}${but}?`, 'Nothing was undone.');
}

/** Throws Failure, with what was left undone, when the answer is no. */
export async function confirm(question: string, otherwise: string): Promise<void> {
  if (!(await askYes(question))) throw new Failure(otherwise);
}
