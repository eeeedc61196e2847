// Reports of weeks, where they outlive Temporal's retention: written at the end, and what earlier ones have on record. Runs on the control worker.
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { reportHtml } from '../plan/report/html.ts';
import { reportMarkdown } from '../plan/report/markdown.ts';
import { undoneThing, type LevelThree } from '../plan/gate.ts';
import { reportOf, type Report } from '../plan/report.ts';
import type { WeekState } from '../plan/state.ts';
import { nullIfMissing, putFile } from './disk.ts';

export interface ReportActivities {
  /** The report in all its forms, each whole or not there; gives their paths. Throws when they can't be written. */
  writeReport(ask: { state: WeekState; at: number }): Promise<string[]>;
  /** Of all level 3 on record that undid the same plan within its limit, the one that undid most; the newest of those. */
  findLevelThree(ask: { footprint: string }): Promise<LevelThree | null>;
}

/** Where they go unless the environment says otherwise. */
const standard = '/var/lib/hubshift/reports';
export const reportsVariable = 'HUBSHIFT_REPORTS';
/** Of the newest reports so many are looked at. */
const looksAtMost = 200;

export function reportActivities(environment: NodeJS.ProcessEnv): ReportActivities {
  const directory = environment[reportsVariable] ?? standard;
  return {
    async writeReport({ state, at }) {
      const report = reportOf(state, at);
      const forms = { md: reportMarkdown(report), html: reportHtml(report), json: `${JSON.stringify(report, null, 2)}\n` };
      try {
        await mkdir(directory, { recursive: true });
        const { uid, gid } = userInfo();
        const written = Object.entries(forms).map(async ([form, text]) => {
          const path = join(directory, `${report.run}.${form}`);
          await putFile(path, Buffer.from(text), { mode: 0o644, uid, gid });
          return path;
        });
        return await Promise.all(written);
      } catch (error) {
        throw new Error(`The report can't be written to ${directory} (${(error as Error).message}): make the directory for the user of the control worker, or name another with ${reportsVariable}`, { cause: error });
      }
    },

    async findLevelThree({ footprint }) {
      const files = (await readdir(directory).catch(nullIfMissing)) ?? [];
      // Runs are named by the time of their start.
      const newest = files.filter((file) => file.endsWith('.json')).sort().slice(-looksAtMost);
      const found: LevelThree[] = [];
      for (const file of newest) found.push(...levelThreeIn(await readFile(join(directory, file), 'utf8'), footprint));
      return found.sort((a, b) => a.undone.length - b.undone.length || a.at - b.at).at(-1) ?? null;
    },
  };
}

/** What is no report has nothing on record. */
function levelThreeIn(text: string, footprint: string): LevelThree[] {
  try {
    const report = JSON.parse(text) as Report;
    if (report.footprint !== footprint || report.status !== 'rolled back') return [];
    const undone = [...new Set(report.undone.filter(({ result }) => result === 'undone' || result === 'already').map(undoneThing))];
    const held = report.incidents.filter(({ level, result, withinLimit }) => level === 3 && result === 'recovered' && withinLimit);
    return held.map(({ startedAt, endedAt }) => ({ run: report.run, at: endedAt, ms: endedAt - startedAt, undone }));
  } catch {
    return [];
  }
}
