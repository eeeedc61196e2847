// The verdict of every file that the week writes.
import type { Evaluation } from '../../week/record.ts';
import { unless } from './verdict.ts';

/** The file on the machine is the one that the plan renders. */
export function written(what: string, evidence: Evaluation['evidence'] = {}) {
  return ({ sha256, onDisk }: { sha256: string; onDisk: string | null }): Evaluation =>
    unless(
      [
        sha256 !== onDisk &&
          `the file's digest is ${onDisk?.slice(0, 12) ?? 'missing'}; ${sha256.slice(0, 12)} was written`,
      ],
      what,
      { ...evidence, sha256: sha256.slice(0, 16) },
    );
}
