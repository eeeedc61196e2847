// Reports of weeks, where they outlive Temporal's retention: written at the end, and what earlier ones have on record. Runs on the control worker.
import { refusal } from '../context/refusal.ts';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { LevelThree } from '../../plan/evidence/frozen.ts';
import { olderFile, preparedFile, reportName, reportsVariable, standardReports, stateFile } from '../../plan/names.ts';
import { reportHtml } from '../../plan/report/html.ts';
import { reportMarkdown } from '../../plan/report/markdown.ts';
import { preparedIn } from '../../plan/report/prepared.ts';
import { type Report, reportOf, reportVersion } from '../../plan/report/report.ts';
import { withoutSecrets } from '../../plan/report/without-secrets.ts';
import { lastMoment } from '../../plan/week/furthest.ts';
import type { PreparedDeployment } from '../../plan/machine-api/agents.ts';
import type { Shed } from '../../plan/week/older.ts';
import type { StepRecord } from '../../plan/week/record.ts';
import type { WeekState } from '../../plan/week/state.ts';
import { appendSynced } from '../files/append.ts';
import { putFile, readIfThere } from '../files/disk.ts';
import { nullIfMissing } from '../files/errors.ts';

export interface ReportActivities {
  /** The report in all its forms, each whole or not there, beside those of other ends of the run; gives their paths. Throws when they can't be written. */
  writeReport(ask: { state: WeekState; at: number }): Promise<string[]>;
  /** What a week remembers no more goes to a file of its run, a line each, beside its report; gives its path once it is on the disk. Throws when it can't be written. */
  keepOlder(ask: { run: string; shed: Shed }): Promise<string>;
  /** What is going to be done to pilots goes to a file of the run, a line each, for its report. Throws when it can't be written. */
  keepPrepared(ask: { run: string; prepared: PreparedDeployment[] }): Promise<void>;
  /** Of all level 3 on record after which the same plan was undone: those of this build since a time (Unix milliseconds) first, of them the one that took back most, then the newest. Throws when there are reports that can't be read, and names those of a newer build. */
  findLevelThree(ask: { footprint: string; sinceMs?: number }): Promise<LevelThree | null>;
}

/** What a report says of machines and people is for whom its owner gives it to. */
const ownersAlone = 0o600;

/** Of the newest reports so many are looked at. */
const looksAtMost = 200;

/** `build` is the digest of the build whose worker this is. */
export function reportActivities(environment: NodeJS.ProcessEnv, build: string): ReportActivities {
  const directory = reportsIn(environment);
  return {
    async writeReport({ state, at }) {
      const older = await historyIn(join(directory, olderFile(state.run)));
      const prepared = preparedIn(
        (await readIfThere(join(directory, preparedFile(state.run))).catch(() => null))?.toString(),
      );
      const report = { ...withoutSecrets(reportOf(state, at, older, prepared)), build };
      const forms = {
        md: reportMarkdown(report),
        html: reportHtml(report),
        json: `${JSON.stringify(report, null, 2)}\n`,
      };
      return writable(directory, async () => {
        await put(join(directory, stateFile(report.run)), JSON.stringify(state));
        const name = await freeName(directory, report);
        return Promise.all(Object.entries(forms).map(([form, text]) => put(join(directory, `${name}.${form}`), text)));
      });
    },

    async keepOlder({ run, shed }) {
      const path = join(directory, olderFile(run));
      const lines = Object.entries(shed).flatMap(([kind, all]) =>
        all.map((one: object) => JSON.stringify({ kind, ...one })),
      );
      await writable(directory, () => appendLines(path, lines));
      return path;
    },

    async keepPrepared({ run, prepared }) {
      const lines = prepared.map((one) => JSON.stringify(one));
      await writable(directory, () => appendLines(join(directory, preparedFile(run)), lines));
    },

    async findLevelThree({ footprint, sinceMs = 0 }) {
      const found: LevelThree[] = [];
      const newer: string[] = [];
      try {
        const files = (await readdir(directory).catch(nullIfMissing)) ?? [];
        // Runs are named by the time of their start.
        const newest = files
          .filter((file) => file.endsWith('.json') && !file.endsWith(stateFile('')))
          .sort()
          .slice(-looksAtMost);
        for (const file of newest) {
          const path = join(directory, file);
          const levelThree = levelThreeIn(await readFile(path, 'utf8'), footprint, build);
          if (levelThree === 'newer') newer.push(path);
          else found.push(...levelThree);
        }
      } catch (error) {
        throw new Error(
          `Earlier reports can't be read (${(error as Error).message}): let the user of the control worker read ${directory} and what is in it`,
          { cause: error },
        );
      }
      if (newer.length > 0)
        throw refusal(
          'ReportNewer',
          `Earlier reports are of a newer version than ${reportVersion}, the newest that this build of hubshift knows: ${newer.join(', ')}. ` +
            `Use the control worker of the build that wrote them, or move them out of ${directory}`,
        );
      const counts = ({ ofOtherBuild, at }: LevelThree) => Number(!ofOtherBuild && at >= sinceMs);
      const worse = (a: LevelThree, b: LevelThree) =>
        counts(a) - counts(b) || a.tookBack.length - b.tookBack.length || a.at - b.at;
      return found.sort(worse).at(-1) ?? null;
    },
  };
}

/** A try that was not heard of has written them already, or the beginning of one. */
async function appendLines(path: string, lines: string[]): Promise<void> {
  const there = (await readIfThere(path))?.toString() ?? '';
  const known = new Set(there.split('\n'));
  const fresh = lines.filter((line) => !known.has(line));
  const torn = there !== '' && !there.endsWith('\n');
  await appendSynced(path, [...(torn ? [''] : []), ...fresh].map((line) => `${line}\n`).join(''), ownersAlone);
}

/** Keeps the state of a running week beside its reports, for when Temporal can give it no more; at the end the report's activity does. */
export async function keepState(environment: NodeJS.ProcessEnv, state: WeekState): Promise<void> {
  const directory = reportsIn(environment);
  const path = join(directory, stateFile(state.run));
  await writable(directory, async () => {
    // Temporal was restored from an older backup: what is there is worth more.
    if (lastMoment((await stateIn(path)) ?? state) > lastMoment(state)) return;
    await put(path, JSON.stringify(state));
  });
}

/** Undefined where there is none, or half of one. */
async function stateIn(path: string): Promise<WeekState | undefined> {
  const bytes = await readIfThere(path);
  try {
    return bytes ? (JSON.parse(bytes.toString()) as WeekState) : undefined;
  } catch {
    return undefined;
  }
}

/** What is written of another end of the run stays: a week that was done again after its end has two that are completed. */
async function freeName(directory: string, { run, status, endedAt }: Report): Promise<string> {
  for (let count = 1; ; count += 1) {
    const name = [reportName(run, status), ...(count > 1 ? [count] : [])].join('.');
    const there = await readIfThere(join(directory, `${name}.json`));
    if (!there || isOfEnd(there.toString(), status, endedAt)) return name;
  }
}

function isOfEnd(text: string, status: string, endedAt: number | null): boolean {
  try {
    const report = JSON.parse(text) as Report;
    return report.status === status && report.endedAt === endedAt;
  } catch {
    return false;
  }
}

/** The records of a long week that it remembers no more itself. What can't be read is not told. */
async function historyIn(path: string): Promise<StepRecord[]> {
  const text = (await readIfThere(path).catch(() => null))?.toString() ?? '';
  return text.split('\n').flatMap((line): StepRecord[] => {
    try {
      const { kind, ...record } = JSON.parse(line) as StepRecord & { kind: keyof Shed };
      return kind === 'history' ? [record] : [];
    } catch {
      return [];
    }
  });
}

function reportsIn(environment: NodeJS.ProcessEnv): string {
  return environment[reportsVariable] || standardReports;
}

/** For its owner alone. The whole of it, or what was there before; gives its path. */
async function put(path: string, text: string): Promise<string> {
  const { uid, gid } = userInfo();
  await putFile(path, Buffer.from(text), { mode: ownersAlone, uid, gid });
  return path;
}

/** Throws with what mends it. */
async function writable<T>(directory: string, write: () => Promise<T>): Promise<T> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    return await write();
  } catch (error) {
    throw new Error(
      `The report can't be written to ${directory} (${(error as Error).message}): make the directory for the user of the control worker, or name another with ${reportsVariable}`,
      { cause: error },
    );
  }
}

/** What is no report has nothing on record. */
function levelThreeIn(text: string, footprint: string, build: string): LevelThree[] | 'newer' {
  try {
    const report = JSON.parse(text) as Report;
    // The first builds wrote none.
    if ((report.version ?? 1) > reportVersion) return 'newer';
    const {
      run,
      status,
      incidents,
      requirements,
      rollback: { newest },
    } = report;
    const ended =
      report.footprint === footprint &&
      status === 'rolled back' &&
      incidents.some(({ level, result }) => level === 3 && result === 'recovered') &&
      // What a person accepted as it was found does not show the way back.
      !(requirements ?? []).some(({ kind, verdict }) => kind === 'undo' && verdict === 'fail');
    if (!ended || newest?.scope !== 'all' || !newest.verifiedAt || !newest.tookBack?.length) return [];
    const { verifiedAt: at, startedAt, tookBack } = newest;
    // The first builds did not say which they were.
    return [{ run, at, ms: at - startedAt, tookBack, ofOtherBuild: report.build !== build }];
  } catch {
    return [];
  }
}
