// A question to the person at the terminal.
import { createInterface } from 'node:readline/promises';
import { Failure } from './failure.ts';

/** True for y or yes; anything else is no, and so is no answer (Ctrl-C, Ctrl-D). */
export async function askYes(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const closed = new Promise<string>((resolve) => terminal.once('close', () => resolve('')));
  try {
    return /^y(es)?$/i.test((await Promise.race([terminal.question(`${question} [y/N] `), closed])).trim());
  } finally {
    terminal.close();
  }
}

/** Whether somebody can answer. */
export function isAttended(): boolean {
  return process.stdin.isTTY && process.stdout.isTTY;
}

/** Throws Failure, with what was left undone, when the answer is no. */
export async function confirm(question: string, otherwise: string): Promise<void> {
  if (!(await askYes(question))) throw new Failure(otherwise);
}
