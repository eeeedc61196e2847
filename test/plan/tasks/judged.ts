// What every judge must do: pass what is right, fail what is wrong with its reason, and never pass when nothing is known.
import { describe, expect, it } from 'vitest';
import type { Evaluation, Verdict } from '../../../plan/week/record.ts';

export interface Judged {
  passes: Evaluation[];
  fails: [evaluation: Evaluation, says: RegExp][];
  /** Nothing was measured, or too little. */
  noData: [evaluation: Evaluation, verdict: Exclude<Verdict, 'pass'>][];
}

export function judge(table: Record<string, Judged>): void {
  for (const [name, { passes, fails, noData }] of Object.entries(table)) {
    describe(name, () => {
      it('passes what is right', () => {
        expect(passes.filter(({ verdict }) => verdict !== 'pass')).toEqual([]);
        expect(passes).not.toEqual([]);
      });
      it.each(fails.map(([evaluation, says]) => ({ evaluation, says })))(
        'fails, saying $says',
        ({ evaluation, says }) => {
          expect(evaluation).toMatchObject({ verdict: 'fail', summary: expect.stringMatching(says) });
        },
      );
      it('fails something, and passes nothing of which it knows nothing', () => {
        expect(fails).not.toEqual([]);
        expect(noData.map(([{ verdict }]) => verdict)).toEqual(noData.map(([, verdict]) => verdict));
        expect(noData).not.toEqual([]);
      });
    });
  }
}
