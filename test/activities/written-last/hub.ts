// A hub's file: we put scrape jobs in, step by step, others write what they like in between, and it comes back as whoever wrote last had it.
import type { ApplicationFailure } from '@temporalio/common';
import fc, { type Arbitrary } from 'fast-check';
import { expect } from 'vitest';
import { fileActivities } from '../../../activities/files/files.ts';
import { applyEdit } from '../../../plan/yaml/edit.ts';
import type { FileEdit } from '../../../plan/machine-api/files.ts';
import { hubFile } from '../../plan/yaml/documents.ts';
import { scrapeJobsEdit } from '../../plan/yaml/edits.ts';
import { machine, run } from './machine.ts';

type Turn =
  | {
      ours: string;
      edit: Extract<FileEdit, { kind: 'scrape-jobs' }>;
      adopted: boolean;
      between?: { call: number; text: string };
    }
  | { theirs: string }
  | { theyAdd: string }
  | { theyRestore: number }
  | { theyRemove: true }
  | { undone: true };

const turn: Arbitrary<Turn> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record(
      {
        ours: fc.constantFrom('2B.one', '2B.two'),
        edit: scrapeJobsEdit,
        adopted: fc.boolean(),
        between: fc.record({ call: fc.nat({ max: 120 }), text: hubFile }),
      },
      { requiredKeys: ['ours', 'edit', 'adopted'] },
    ),
  },
  { weight: 2, arbitrary: fc.record({ theirs: hubFile }) },
  { weight: 2, arbitrary: fc.record({ theyAdd: fc.constantFrom('\n# by hand\n', '\r\n', '# ä') }) },
  { weight: 2, arbitrary: fc.record({ theyRestore: fc.nat({ max: 9 }) }) },
  fc.constant<Turn>({ theyRemove: true }),
  fc.constant<Turn>({ undone: true }),
);

export const hubIsGivenBack = (counted: { refused: number; edited: number }) =>
  fc.asyncProperty(hubFile, fc.array(turn, { maxLength: 8 }), async (original, turns) => {
    const { host, ledger, share, atCall, rollback } = await machine();
    const files = fileActivities(host, ledger);
    const path = '/code/hub.yml';
    const hub = share(path);
    await hub.write(original);
    const versions = [original];
    let onlyLooked = false;
    // That one was begun again is on record.
    const known = async () => (await ledger.entries(run)).map(({ n, undo, wrote, end }) => ({ n, undo, wrote, end }));

    for (const one of turns) {
      const before = hub.read();
      let found = before;
      if ('ours' in one) {
        const { between } = one;
        if (between)
          atCall(between.call, async () => {
            found = between.text;
            await hub.write(found);
          });
        const entries = await known();
        const names = one.edit.jobs.map((job) => job.job_name);
        const adopt = one.adopted ? names : [];
        const edit = () => files.editFile({ change: { run, step: one.ours }, path, edit: one.edit, adopt });
        const refusal = await hub.ours(edit, one.ours).then(
          () => null,
          (error: Error) => error,
        );
        atCall(Infinity, async () => undefined);
        if (refusal?.name === 'Changed') {
          expect(hub.read()).toBe(between?.text);
          onlyLooked = true;
        } else if (refusal) {
          expect(refusal).toMatchObject({
            type: expect.stringMatching(one.adopted ? /^File/ : /^File|ForeignScrapeJob/),
          });
          const isForeign = (refusal as ApplicationFailure).type === 'ForeignScrapeJob';
          if (isForeign) expect(names.some((name) => `${before}${found}`.includes(name))).toBe(true);
          expect(hub.read()).toBe(found);
          // What they wrote between our look and the refusal may be on record as what was there.
          if (found === between?.text) onlyLooked = true;
          else expect(await known()).toEqual(entries);
          if (found !== null && !isForeign) counted.refused += 1;
        } else {
          // Whatever came after ours is theirs.
          if (hub.read() !== between?.text) expect(hub.read()).toBe(applyEdit(found!, one.edit));
          counted.edited += 1;
        }
      } else if ('theirs' in one) await hub.write(one.theirs);
      else if ('theyAdd' in one) await hub.write((found ?? '') + one.theyAdd);
      else if ('theyRestore' in one) await hub.write(versions[one.theyRestore % versions.length]!);
      else if ('theyRemove' in one) await hub.remove();
      else await givenBack({ task: '2B' });
      versions.push(hub.read() ?? original);
    }
    await givenBack('all');

    async function givenBack(scope: 'all' | { task: string }): Promise<void> {
      const [found, expected] = [hub.read(), hub.undone()];
      await rollback(scope);
      // Where we had only looked, any version that they removed may come back without our jobs, and one that they restored may be left.
      if (!onlyLooked && expected !== null) expect(hub.read()).toBe(expected);
      if (onlyLooked && found !== null) expect([expected, found]).toContain(hub.read());
      onlyLooked = false;
    }
  });
