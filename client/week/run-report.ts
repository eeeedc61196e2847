// The reports of runs: from Temporal while it knows them, else from what the control worker has written on this machine.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { reportsVariable } from '../../plan/names.ts';
import { type Report, reportOf, reportVersion } from '../../plan/report/report.ts';
import { withoutSecrets } from '../../plan/report/without-secrets.ts';
import { exitCodes, Failure } from '../failure.ts';
import { withClient } from './connect.ts';
import { executionsOf, stateGivenBy } from './executions.ts';
import { keptPrepared, keptState, reportsHere } from './kept-state.ts';

export interface RunReport {
  report: Report;
  /** Where it is from, when that is not Temporal, and why. */
  from?: string;
  /** Files of the reports of other ends of the run. */
  others: string[];
}

/** How each stands now, or as it ended last. Throws Failure, with the runs that there are, when nobody knows one. */
export async function reportsOfRuns(plan: string, runs: string[]): Promise<RunReport[]> {
  const asked = await fromTemporal(plan, runs);
  return runs.map((run) => {
    const known = asked.reports.get(run);
    const kept = known ? undefined : keptOf(plan, run);
    const report = known ?? kept?.report;
    const missing = asked.missing ?? whyMissing(plan, run, asked.known);
    if (!report) throw unknownRun(plan, run, asked.known, missing);
    const from = kept && `${missing}; this is from ${kept.file}`;
    return { report, ...(from && { from }), others: othersOf(run, report) };
  });
}

interface Asked {
  reports: Map<string, Report>;
  /** All runs that Temporal knows. */
  known: string[];
  /** Why it can't be asked. */
  missing?: string;
}

async function fromTemporal(plan: string, runs: string[]): Promise<Asked> {
  const reports = new Map<string, Report>();
  try {
    return await withClient(async (client) => {
      const executions = await executionsOf(client, plan);
      for (const run of runs) {
        const state = await stateGivenBy(
          client,
          plan,
          executions.filter((one) => one.run === run),
        );
        if (state) reports.set(run, withoutSecrets(reportOf(state, Date.now(), [], keptPrepared(run))));
      }
      return { reports, known: executions.map(({ run }) => run) };
    });
  } catch (error) {
    if (!(error instanceof Failure) || error.exitCode !== exitCodes.unreachable) throw error;
    return { reports, known: [], missing: error.message.split('. ')[0]! };
  }
}

function whyMissing(plan: string, run: string, known: string[]): string {
  return known.includes(run) ? `No control worker answers for run ${run}` : `Temporal knows no run ${run} of ${plan}`;
}

/** The state is as new as any report that is written of it. */
function keptOf(plan: string, run: string): Written | undefined {
  const state = keptState(plan, run);
  if (state)
    return { report: withoutSecrets(reportOf(state.state, state.at, [], keptPrepared(run))), file: state.file };
  return writtenOf(run).at(-1);
}

/** What can't be read is not told: the report itself is there. */
function othersOf(run: string, report: Report): string[] {
  try {
    const others = writtenOf(run).filter((one) => !isOfSameEnd(one.report, report));
    return others.map(({ file }) => file);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return [];
  }
}

interface Written {
  file: string;
  report: Report;
}

/** What the control worker wrote at each end of it, the first first. */
function writtenOf(run: string): Written[] {
  const directory = reportsHere();
  return filesHere()
    .filter((name) => runOf(name) === run && name.endsWith('.json') && !name.endsWith('.state.json'))
    .map((name) => ({ file: join(directory, name), report: withoutSecrets(reportIn(join(directory, name))) }))
    .sort((a, b) => a.report.at - b.report.at);
}

function reportIn(file: string): Report {
  let report: Report;
  try {
    report = JSON.parse(readFileSync(file, 'utf8')) as Report;
  } catch (error) {
    throw new Failure(`The report in ${file} can't be read: ${(error as Error).message}.`);
  }
  if ((report.version ?? 1) > reportVersion)
    throw new Failure(
      `${file} is a report of version ${report.version}, and this build of hubshift knows versions up to ${reportVersion}: use the build that wrote it.`,
    );
  return report;
}

function filesHere(): string[] {
  try {
    return readdirSync(reportsHere());
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new Failure(`The reports in ${reportsHere()} can't be read: ${(error as Error).message}.`);
  }
}

/** Ids of runs have no dot. */
function runOf(file: string): string {
  return file.split('.')[0]!;
}

function isOfSameEnd(one: Report, other: Report): boolean {
  return one.status === other.status && one.endedAt === other.endedAt;
}

function unknownRun(plan: string, run: string, known: string[], missing: string): Failure {
  const runs = new Set([
    ...known,
    ...filesHere()
      .filter((name) => name.endsWith('.json'))
      .map(runOf),
  ]);
  const there = [...runs].sort().reverse().slice(0, 20);
  return new Failure(
    `There is no report of run ${run}: ${missing}, and ${reportsHere()}, where the control worker writes them (${reportsVariable} names another), has none. ` +
      (there.length > 0 ? `There are ${there.join(', ')}.` : `There is none of any run of ${plan}.`),
  );
}
