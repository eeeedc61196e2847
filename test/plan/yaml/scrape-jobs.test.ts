// Our scrape jobs taken out of a hub's file that others changed since: what they wrote stays, byte for byte.
import { describe, expect, it } from 'vitest';
import type { FileEdit, ScrapeJob } from '../../../plan/machine-api/files.ts';
import { applyEdit } from '../../../plan/yaml/edit.ts';
import { jobsOfOthers, withoutEdit } from '../../../plan/yaml/scrape-jobs.ts';

const job = (name: string, target = `${name}:9091`): ScrapeJob => ({
  job_name: name,
  honor_labels: true,
  static_configs: [{ targets: [target] }],
});
const edit: FileEdit = { kind: 'scrape-jobs', jobs: [job('gateway-main'), job('gateway-pc2')] };

const hub = `# CentralHub
global: { scrape_interval: 15s }
scrape_configs:
  # the hub itself
  - job_name: prometheus   # odd spacing stays
    static_configs: [{targets: ['localhost:9090']}]
`;
const theirs = "  - job_name: 'theirs' # by the night shift\n    static_configs: [{targets: ['PC3:9100']}]\n";

describe('withoutEdit', () => {
  const before: [string, string][] = [
    ['a list in block style', hub],
    ['a list that is not indented', hub.replace(/^ {2}/gm, '')],
    ['no list', '# nothing yet\nglobal: {}\n'],
    ['an empty list', 'scrape_configs:\n'],
    ['a list in brackets', 'scrape_configs: []\nglobal: {}\n'],
    ['a list in brackets with jobs', 'scrape_configs: [{"job_name": "a"}, {job_name: b}] # two\nglobal: {}\n'],
    ['Windows line ends', hub.replaceAll('\n', '\r\n')],
    ['a last line without its end', hub.trimEnd()],
    ['nothing at all', ''],
    ['a list before other keys', `${hub}\n# and so on\nrule_files: [a.yml]\n`],
    ['a key whose value is said to be nothing', 'scrape_configs:   ~ # none yet\nglobal: {}\n'],
    ['the same below a comment', 'scrape_configs:\n  # none yet\n  null # really\n'],
    ['a last key without its line end', 'global: {}\nscrape_configs: null'],
    ['a mark of the byte order', `\uFEFF${hub}`],
  ];

  it.each(before)('of %s gives the file of before, also with what others added around it', (_, text) => {
    const wrote = applyEdit(text, edit);
    expect(withoutEdit(wrote, { before: text, wrote })).toBe(text);
    for (const change of [
      (one: string) => `# theirs\n${one}`,
      (one: string) => `${one}${one === '' || one.endsWith('\n') ? '' : '\n'}remote_read: [] # theirs\n`,
    ])
      expect(withoutEdit(change(wrote), { before: text, wrote })).toBe(change(text));
  });

  it('keeps the jobs of others, wherever they stand', () => {
    const wrote = applyEdit(hub, edit);
    const places: [string, string][] = [
      [wrote + theirs, hub + theirs],
      [wrote.replace('  - job_name: gateway-pc2', `${theirs}  - job_name: gateway-pc2`), hub + theirs],
      [wrote.replace('  # the hub', `${theirs}  # the hub`), hub.replace('  # the hub', `${theirs}  # the hub`)],
    ];
    for (const [now, wanted] of places) expect(withoutEdit(now, { before: hub, wrote })).toBe(wanted);
  });

  it('of a file that has none of our jobs any more is that file', () => {
    const wrote = applyEdit(hub, edit);
    expect(withoutEdit(hub + theirs, { before: hub, wrote })).toBe(hub + theirs);
    expect(withoutEdit('', { before: hub, wrote })).toBe('');
    const theirEmpty = 'scrape_configs: null # for now\n';
    expect(withoutEdit(theirEmpty, { before: '', wrote: applyEdit('', edit) })).toBe(theirEmpty);
  });

  it('takes ours out of a file that a program has written anew in its own style', () => {
    const wrote = applyEdit(hub, edit);
    const anew =
      'scrape_configs:\n- static_configs:\n  - targets: ["gateway-main:9091"]\n  honor_labels: true\n  job_name: "gateway-main"\n- job_name: theirs\n';
    expect(withoutEdit(anew, { before: hub, wrote })).toBe('scrape_configs:\n- job_name: theirs\n');
  });

  it('puts a job back that ours took the place of, with its comments', () => {
    const former =
      "  - job_name: gateway-main # the old one\n    # never change\n    static_configs: [{targets: ['old:1']}]\n";
    const before = hub + former;
    const wrote = applyEdit(before, edit);
    expect(wrote).not.toContain('old:1');
    expect(withoutEdit(wrote + theirs, { before, wrote })).toBe(before + theirs);
    // Also where it was the last line, and had no end.
    const open = before.trimEnd();
    const replaced = applyEdit(open, edit);
    expect(withoutEdit(replaced, { before: open, wrote: replaced })).toBe(open);
    expect(withoutEdit(replaced + theirs, { before: open, wrote: replaced })).toBe(before + theirs);
    // In another layout at least with the same meaning.
    const anew = `scrape_configs: [${JSON.stringify(job('gateway-main'))}]\n`;
    expect(withoutEdit(anew, { before, wrote })).toContain('old:1');
  });

  it('puts a job in brackets back as it was written', () => {
    const before = "scrape_configs: [ {job_name: 'a'}, { job_name: gateway-main, x: [1,  2] } ] # two\n";
    const wrote = applyEdit(before, edit);
    expect(withoutEdit(wrote, { before, wrote })).toBe(before);
  });

  it.each([
    [
      'a comment in brackets stands beside a job of ours',
      () => `scrape_configs: [${JSON.stringify(job('gateway-main'))}, # of the next one\n  {job_name: theirs}]\n`,
    ],
    ['a job of ours was changed', (wrote: string) => wrote.replace('gateway-main:9091', 'PC9:9091')],
    ['a job of ours is there twice', (wrote: string) => `${wrote}  - job_name: gateway-pc2\n`],
    ['it is no YAML any more', (wrote: string) => `${wrote}a: [1\n`],
  ])('gives nothing when %s', (_, change) => {
    const wrote = applyEdit(hub, edit);
    expect(withoutEdit(change(wrote), { before: hub, wrote })).toBeNull();
  });

  it('gives nothing for an edit of something else', () => {
    expect(withoutEdit('a: 3\n', { before: 'a: 1\n', wrote: 'a: 2\n' })).toBeNull();
  });
});

describe('jobsOfOthers', () => {
  const names = ['gateway-main', 'gateway-pc2'];
  const wrote = applyEdit(hub, edit);

  it('are those of our names that none of our edits put there', () => {
    expect(jobsOfOthers(hub, names, [])).toEqual([]);
    expect(jobsOfOthers(wrote, names, [{ before: hub, wrote }])).toEqual([]);
    expect(jobsOfOthers(wrote, names, [])).toEqual(names);
    expect(jobsOfOthers(wrote, names, [{ before: wrote, wrote }])).toEqual(names);
    expect(jobsOfOthers(wrote.replace('gateway-pc2:9091', 'PC9:1'), names, [{ before: hub, wrote }])).toEqual([
      'gateway-pc2',
    ]);
  });
});
