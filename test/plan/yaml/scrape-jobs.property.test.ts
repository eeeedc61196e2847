// Our jobs taken out of any hub's file, whatever others changed in it meanwhile: the bytes are those that it would have without us.
import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import type { FileEdit } from '../../../plan/machine-api/files.ts';
import { settingsOf, UneditableYaml } from '../../../plan/yaml/document.ts';
import { applyEdit } from '../../../plan/yaml/edit.ts';
import { withoutEdit } from '../../../plan/yaml/scrape-jobs.ts';
import { holds } from '../../property.ts';
import { hubFile } from './documents.ts';
import { scrapeJobsEdit } from './edits.ts';

vi.setConfig({ testTimeout: 60_000 });

const eolOf = (text: string) => (text.includes('\r\n') ? '\r\n' : '\n');
const theirJob: FileEdit = {
  kind: 'scrape-jobs',
  jobs: [{ job_name: 'theirs', honor_labels: false, static_configs: [{ targets: ['PC3:9100'] }] }],
};

/** What others do to a file, with our jobs in it and without them alike; in this order, since what comes after a list depends on whether there is one. */
const changes: [what: string, change: (text: string) => string][] = [
  ['other values', (text) => text.replaceAll('MainPC', 'PC9').replaceAll('15s', '30s')],
  ['a comment on top', (text) => text.replace(/^\uFEFF?/, (mark) => `${mark}# theirs${eolOf(text)}`)],
  ['a job', (text) => applyEdit(text, theirJob)],
  ['a comment at the end', (text) => `${text}${/[^\n\uFEFF]$/.test(text) ? eolOf(text) : ''}# theirs${eolOf(text)}`],
];

/** Null where an edit is refused. */
function unlessRefused(edited: () => string): string | null {
  try {
    return edited();
  } catch (error) {
    if (error instanceof UneditableYaml) return null;
    throw error;
  }
}

const seen = { takenOut: 0, left: [] as string[] };

it('are the bytes of theirs, of one edit and of another on top of it', () => {
  holds(
    fc.property(
      hubFile,
      scrapeJobsEdit,
      fc.option(scrapeJobsEdit),
      fc.subarray(changes),
      (file, edit, second, theirs) => {
        const first = unlessRefused(() => applyEdit(file, edit));
        const wrote = first === null || !second ? first : unlessRefused(() => applyEdit(first, second));
        if (first === null || wrote === null) return;
        // What our job took the place of comes back as we found it; and comments below a key of nothing end up before a second job.
        const isNothing = settingsOf(file)['scrape_configs'] === null;
        const isApart = (what: string) =>
          what === 'other values' ? /job_name.*gateway/.test(file) : what === 'a job' && isNothing;
        const done = theirs.filter(([what]) => !isApart(what));
        const made = (text: string) => unlessRefused(() => done.reduce((now, [, change]) => change(now), text));
        const [now, wanted] = [made(wrote), made(file)];
        if (now === null || wanted === null) return;
        const withFirst = withoutEdit(now, { before: first, wrote });
        const without = withFirst === null ? null : withoutEdit(withFirst, { before: file, wrote: first });
        if (without === null) seen.left.push(now);
        else {
          expect(without).toBe(wanted);
          seen.takenOut += 1;
        }
      },
    ),
    Number(process.env['RUNS'] ?? 200),
  );
});

it('are seldom left', () => {
  console.log(`${seen.takenOut} files without our jobs, and ${seen.left.length} left`);
  expect(seen.left.length / (seen.takenOut + seen.left.length), seen.left.join('\n----\n')).toBeLessThan(0.05);
});
