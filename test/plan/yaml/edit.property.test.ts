// Edits of any file: it means what it meant, and what is wanted; every other byte of it stays.
import fc, { type Arbitrary } from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { isMap, isScalar, isSeq, parse, parseDocument, type Node } from 'yaml';
import type { FileEdit } from '../../../plan/machine-api/files.ts';
import { applyEdit, changedKeys, lostBetween } from '../../../plan/yaml/edit.ts';
import { UneditableYaml } from '../../../plan/yaml/document.ts';
import { holds } from '../../property.ts';
import { agentFile, hubFile } from './documents.ts';
import { dualHubEdit, scrapeJobsEdit } from './edits.ts';

vi.setConfig({ testTimeout: 60_000 });

type Settings = Record<string, unknown>;

const meaningOf = (text: string): Settings =>
  parse(text.replace(/^\uFEFF/, ''), { merge: true, logLevel: 'silent' }) ?? {};

/** What the edited file must mean, by another way than that of the product. */
function wanted(text: string, edit: FileEdit): Settings {
  const all = meaningOf(text);
  if (edit.kind === 'scrape-jobs') {
    const before = (all['scrape_configs'] ?? []) as { job_name?: string }[];
    const isNew = ({ job_name }: { job_name: string }) => !before.some((job) => job?.job_name === job_name);
    const kept = before.map((job) => edit.jobs.find(({ job_name }) => job_name === job?.job_name) ?? job);
    return { ...all, scrape_configs: [...kept, ...edit.jobs.filter(isNew)] };
  }
  for (const [name, values] of Object.entries(edit.settings)) all[name] = { ...(all[name] as Settings), ...values };
  return all;
}

const runs = Number(process.env['RUNS'] ?? 120);
const lineEnds = (text: string) => [...new Set(text.match(/\r?\n/g))];

/** What was taken out of a text, where one thing was put in or replaced. */
function takenOut(before: string, after: string): string {
  const shorter = Math.min(before.length, after.length);
  let [start, end] = [0, 0];
  while (start < shorter && before[start] === after[start]) start += 1;
  while (end < shorter - start && before.at(-1 - end) === after.at(-1 - end)) end += 1;
  return before.slice(start, before.length - end);
}

/** How the value that an edit of one thing replaces is written; nothing where there is none. */
function replacedBy(edit: FileEdit, text: string): string {
  const source = text.replace(/^\uFEFF/, '');
  const document = parseDocument(source);
  const [[block, values] = ['scrape_configs', {}]] = Object.entries(edit.kind === 'dual-hub' ? edit.settings : {});
  const whole = document.get(block, true) as Node | null | undefined;
  // The rest of its line stays, before what comes below.
  if (isScalar(whole) && whole.value === null) return source.slice(whole.range?.[0]).split('\n', 1)[0] ?? '';
  const is = (item: unknown) =>
    edit.kind !== 'dual-hub' && isMap(item) && item.get('job_name') === edit.jobs[0]?.job_name;
  const old = isSeq(whole) ? whole.items.find(is) : isMap(whole) && whole.get(Object.keys(values)[0], true);
  const [start = 0, , end = 0] = (old as Node | undefined)?.range ?? [];
  return `${/(?:!!str|null|~) *$/.exec(source.slice(0, start))?.[0] ?? ''}${source.slice(start, end)}`;
}

const seen = { edited: 0, refused: [] as string[] };

/** Null where it is refused: by name, with the line. */
function edited(text: string, edit: FileEdit): string | null {
  try {
    const after = applyEdit(text, edit);
    seen.edited += 1;
    return after;
  } catch (error) {
    if (!(error instanceof UneditableYaml)) throw error;
    seen.refused.push(`${error.message}:\n${text}`);
    expect(error.line).toBeGreaterThan(0);
    expect(error.line).toBeLessThanOrEqual(text.split('\n').length);
    if (parseDocument(text).errors.length === 0) expect(error.message).not.toContain('not YAML');
    return null;
  }
}

const cases: [what: string, file: Arbitrary<string>, edit: Arbitrary<FileEdit>][] = [
  ['dual-hub settings in an agent', agentFile, dualHubEdit],
  ['scrape jobs in a hub', hubFile, scrapeJobsEdit],
];

describe.each(cases)('%s', (_, file, edit) => {
  it("mean what they should, twice as once, and all that is others' means what it meant", () => {
    holds(
      fc.property(file, edit, (text, change) => {
        const after = edited(text, change);
        if (after === null) return;
        expect(meaningOf(after)).toEqual(wanted(text, change));
        expect(applyEdit(after, change)).toBe(after);
        if (change.kind === 'dual-hub') expect(lostBetween(text, after, Object.keys(change.settings))).toEqual([]);
        const own = change.kind === 'dual-hub' ? Object.keys(change.settings) : ['scrape_configs'];
        expect(own).toEqual(expect.arrayContaining(changedKeys(text, after)));
        if (text.includes('\n')) expect(lineEnds(after)).toEqual(lineEnds(text));
      }),
      runs,
    );
  });

  it('take nothing out but the value that they replace', () => {
    holds(
      fc.property(file, edit.filter(isOne), (text, change) => {
        const after = edited(text, change);
        if (after !== null) expect(replacedBy(change, text)).toContain(takenOut(text, after).trim());
      }),
      runs,
    );
  });
});

const isOne = (edit: FileEdit) =>
  edit.kind === 'scrape-jobs'
    ? edit.jobs.length === 1
    : Object.keys(edit.settings).length === 1 && Object.keys(Object.values(edit.settings)[0] as object).length === 1;

it('are seldom refused', () => {
  const all = seen.edited + seen.refused.length;
  console.log(`${all} edits, of which ${seen.refused.length} were refused`);
  expect(seen.refused.length / all, seen.refused.join('\n')).toBeLessThan(0.05);
});
