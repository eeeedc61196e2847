// Writes a week's report where it outlives Temporal's retention. Runs on the control worker.
import { mkdir } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { reportHtml } from '../plan/report/html.ts';
import { reportMarkdown } from '../plan/report/markdown.ts';
import { reportOf } from '../plan/report.ts';
import type { WeekState } from '../plan/state.ts';
import { putFile } from './disk.ts';

export interface ReportActivities {
  /** The report in all its forms, each whole or not there; gives their paths. Throws when they can't be written. */
  writeReport(ask: { state: WeekState; at: number }): Promise<string[]>;
}

/** Where they go unless the environment says otherwise. */
const standard = '/var/lib/hubshift/reports';
export const reportsVariable = 'HUBSHIFT_REPORTS';

export function reportActivities(environment: NodeJS.ProcessEnv): ReportActivities {
  return {
    async writeReport({ state, at }) {
      const directory = environment[reportsVariable] ?? standard;
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
  };
}
