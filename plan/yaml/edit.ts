// Edits of files that are not ours: scrape jobs for a hub, dual-hub settings for an agent. All else stays, byte for byte.
import type { FileEdit } from '../machine-api/files.ts';
import { parseMap, setItem, setKey, UneditableYaml } from './splice.ts';

export type Settings = Record<string, unknown>;

/**
 * The text with the edit made; made twice, it changes nothing more. Jobs are known by job_name. Of the four dual-hub
 * blocks, only the keys in question are set: other keys of the same blocks are the agent's own.
 * Throws UneditableYaml, with the line, when the text is not YAML or would come to mean anything else.
 */
export function applyEdit(text: string, edit: FileEdit): string {
  const before = settingsOf(text);
  const after = edit.kind === 'scrape-jobs' ? withJobs(text, edit.jobs) : withBlocks(text, edit.settings);
  if (!same(settingsOf(after), wanted(before, edit))) {
    throw new UneditableYaml(
      1,
      "the edit can't be made in this layout without changing other settings: write the file in block style, one setting a line",
    );
  }
  return after;
}

/** Top-level keys whose values differ between two texts. */
export function changedKeys(before: string, after: string): string[] {
  const [a, b] = [settingsOf(before), settingsOf(after)];
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((key) => !same(a[key], b[key]));
}

/** Whether every line with a comment is still there, in the same order. */
export function commentsKept(before: string, after: string): boolean {
  const lines = after.split('\n');
  let from = 0;
  return before
    .split('\n')
    .filter((line) => line.includes('#'))
    .every((line) => {
      const at = lines.indexOf(line, from);
      from = at + 1;
      return at >= 0;
    });
}

function withJobs(text: string, jobs: { job_name: string }[]): string {
  return jobs.reduce((edited, job) => setItem(edited, 'scrape_configs', 'job_name', { ...job }), text);
}

function withBlocks(text: string, settings: object): string {
  const entries = Object.entries(settings as Record<string, Record<string, string | number>>);
  const keys = entries.flatMap(([block, values]) =>
    Object.entries(values).map(([key, value]) => ({ block, key, value })),
  );
  return keys.reduce((edited, { block, key, value }) => setKey(edited, block, key, value), text);
}

/** What the edited text must mean. */
function wanted(before: Settings, edit: FileEdit): Settings {
  if (edit.kind === 'dual-hub') {
    const blocks = Object.entries(edit.settings).map(([block, values]) => [
      block,
      { ...(before[block] as Settings | null), ...values },
    ]);
    return { ...before, ...Object.fromEntries(blocks) };
  }
  const jobs = [...((before['scrape_configs'] as { job_name: string }[] | null) ?? [])];
  for (const job of edit.jobs) {
    const index = jobs.findIndex((candidate) => candidate?.job_name === job.job_name);
    if (index < 0) jobs.push(job);
    else jobs[index] = job;
  }
  return { ...before, scrape_configs: jobs };
}

export function settingsOf(text: string): Settings {
  return (parseMap(text).document.toJS() as Settings | null) ?? {};
}

/** Equal as YAML means it: the order of keys doesn't matter. */
export function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a, sortedKeys) === JSON.stringify(b, sortedKeys);
}

function sortedKeys(_key: string, value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
