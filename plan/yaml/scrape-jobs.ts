// The week's scrape jobs in a hub's file that others write in as well: whose a job is, and ours taken out of what others made of the file.
import { parse } from 'yaml';
import { parted, same, settingsOf, UneditableYaml, type Settings } from './document.ts';
import { copyEmpty, copyItem, endsIn, removeItem } from './take-out.ts';

/** A file as it was before our edit, and as that left it. */
export interface Edited {
  before: string;
  wrote: string;
}

const block = 'scrape_configs';
/** In which list a job is found, and by what. */
const where = [block, 'job_name'] as const;

type Job = Record<string, unknown> & { job_name: string };

/** Names as a hub has them: there 1.10 is a text. */
export function jobNamesIn(text: string): string[] {
  const { scrape_configs: jobs } = (parse(parted(text)[1], {
    schema: 'failsafe',
    merge: true,
    maxAliasCount: 10_000,
    logLevel: 'silent',
  }) ?? {}) as Settings;
  return Array.isArray(jobs) ? (jobs as (Partial<Job> | null)[]).map((job) => job?.job_name ?? '') : [];
}

/** Which of these jobs are in the text and were put there by none of our edits. */
export function jobsOfOthers(text: string, names: string[], edits: Edited[]): string[] {
  const ours = edits.flatMap(jobsPutIn);
  return jobsIn(settingsOf(text))
    .filter((job) => names.includes(job.job_name) && !ours.some((own) => same(own, job)))
    .map((job) => job.job_name);
}

/**
 * The text without the jobs that the edit put in, and with those back that it put them in the place of; all else stays, byte for byte.
 * Null when it can't be told what is ours: the edit was of something else, others changed one of the jobs, or the layout does not allow it.
 */
export function withoutEdit(text: string, edit: Edited): string | null {
  try {
    const [now, before, wrote] = [text, edit.before, edit.wrote].map(settingsOf) as [Settings, Settings, Settings];
    if (!same(others(before), others(wrote))) return null;
    const ours = jobsPutIn(edit).filter((job) => named(now, job.job_name).length > 0);
    if (ours.some((job) => !named(now, job.job_name).every((found) => same(found, job)))) return null;
    if (ours.length === 0) return text;
    const after = withoutJobs(text, ours, edit.before);
    const left = settingsOf(after);
    return same(others(left), others(now)) && same(jobsIn(left), wanted(now, before, ours)) ? after : null;
  } catch (error) {
    if (error instanceof UneditableYaml) return null;
    throw error;
  }
}

function withoutJobs(marked: string, ours: Job[], markedBefore: string): string {
  const [[mark, text], [, before]] = [parted(marked), parted(markedBefore)];
  const were = settingsOf(before);
  const after = ours.reduce(
    (now, { job_name: name }) =>
      named(were, name).length > 0 ? copyItem(now, before, ...where, name) : removeItem(now, ...where, name),
    text,
  );
  const whole = copyEmpty(after, before, block);
  // The line end that the last line of before had to get.
  const gotEnd = /[^\n]$/.test(before) && ours.some(({ job_name: name }) => endsIn(text, ...where, name));
  return mark + (gotEnd ? whole.replace(/\r?\n$/, '') : whole);
}

/** The jobs that must be there without ours. */
function wanted(now: Settings, before: Settings, ours: Job[]): Job[] {
  return jobsIn(now).flatMap((job) =>
    ours.some(({ job_name: name }) => name === job.job_name) ? named(before, job.job_name) : [job],
  );
}

/** By which the file after the edit differs from the one before it. */
function jobsPutIn({ before, wrote }: Edited): Job[] {
  const old = jobsIn(settingsOf(before));
  return jobsIn(settingsOf(wrote)).filter((job) => !old.some((other) => same(other, job)));
}

function jobsIn({ scrape_configs: jobs }: Settings): Job[] {
  return Array.isArray(jobs) ? (jobs as (Job | null)[]).filter((job): job is Job => job !== null) : [];
}

function named(settings: Settings, name: string): Job[] {
  return jobsIn(settings).filter((job) => job.job_name === name);
}

function others(settings: Settings): Settings {
  return { ...settings, scrape_configs: undefined };
}
