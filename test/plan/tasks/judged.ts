// What every judge must do: pass what is right, fail what is wrong with its reason, and never pass when nothing is known.
import { describe, expect, it } from 'vitest';
import type { Judgement, Verdict } from '../../../plan/week/record.ts';

export interface Judged {
  passes: Judgement[];
  fails: [judgement: Judgement, says: RegExp][];
  /** Nothing was measured, or too little. */
  noData: [judgement: Judgement, verdict: Exclude<Verdict, 'pass'>][];
}

export function judge(table: Record<string, Judged>): void {
  for (const [name, { passes, fails, noData }] of Object.entries(table)) {
    describe(name, () => {
      it('passes what is right', () => {
        expect(passes.filter(({ verdict }) => verdict !== 'pass')).toEqual([]);
        expect(passes).not.toEqual([]);
      });
      it.each(fails.map(([judgement, says]) => ({ judgement, says })))('fails, saying $says', ({ judgement, says }) => {
        expect(judgement).toMatchObject({ verdict: 'fail', summary: expect.stringMatching(says) });
      });
      it('fails something, and passes nothing of which it knows nothing', () => {
        expect(fails).not.toEqual([]);
        expect(noData.map(([{ verdict }]) => verdict)).toEqual(noData.map(([, verdict]) => verdict));
        expect(noData).not.toEqual([]);
      });
    });
  }
}
