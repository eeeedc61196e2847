// The lab as a test uses it: brought up fresh, and everything done through the command line as people do.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout } from 'node:timers/promises';
import { execa } from 'execa';
import { parseDocument } from 'yaml';
import { newWeek, start } from '../../../client/week/start.ts';
import { withClient } from '../../../client/week/connect.ts';
import { loadPlan } from '../../../client/plan-file.ts';
import { labDown } from '../../../lab/clean.ts';
import { labUp } from '../../../lab/lab.ts';
import { labDirectory, labPlanFile } from '../../../lab/state.ts';
import { labStatus, type LabStatus } from '../../../lab/status.ts';
import { type Report, workOf } from '../../../plan/report/report.ts';
import { stepsOf } from '../../../plan/tasks/steps.ts';
import type { Glance, Snapshot } from '../../../plan/week/snapshot.ts';

const project = fileURLToPath(new URL('../../../', import.meta.url));
export const script = `${project}dist/client/hubshift.js`;
export const weekPlan = `${project}plan/week1.yaml`;

export interface Answer {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** Runs a command as people do, and gives what it said. */
export async function hubshift(...args: string[]): Promise<Answer> {
  const {
    exitCode = -1,
    stdout,
    stderr,
  } = await execa('node', [script, ...args], { reject: false, timeout: 10 * 60_000, env: { NO_COLOR: '1' } });
  return { exitCode, stdout, stderr };
}

/** A lab in Phase 1 state, with nothing left of earlier tests, for the plan with these keys changed. */
export async function freshLab(planFile = weekPlan, changes: Record<string, unknown> = {}): Promise<LabStatus> {
  await labDown({ report: () => undefined });
  process.env.HUBSHIFT_REPORTS = join(labDirectory, 'reports');
  const changed = Object.keys(changes).length > 0;
  await labUp(changed ? variant('changed.yaml', changes, planFile) : planFile, { report: (line) => console.log(line) });
  return labStatus();
}

/**
 * Starts a week in which all checks but those that are kept count as passed: every step is carried out for real, and in half a minute
 * the week is where a test wants it. Kept are those that later steps need, and what `kept` names.
 */
export async function startQuickly(...kept: string[]): Promise<string> {
  const planFile = loadPlan({});
  const state = newWeek(planFile, 10_000);
  // The cluster must have formed before streams are made.
  const needed = ['preflight.images', 'preflight.baseline', '2C.check.cluster', '2C.check.jetstream', ...kept];
  for (const { id, kind } of stepsOf(state.plan)) {
    if (kind !== 'check' || needed.includes(id)) continue;
    state.records[id] = {
      id,
      machine: '',
      verdict: 'pass',
      summary: 'counts as passed in this test',
      evidence: {},
      startedAt: state.startedAt,
      endedAt: state.startedAt,
      attempts: 1,
    };
  }
  await withClient((client) => start(client, state));
  return state.run;
}

/** Changes keys of a plan; the new plan's path. Of the lab's plan only what workers do not read: they have that. */
export function variant(file: string, changes: Record<string, unknown>, of = labPlanFile): string {
  const document = parseDocument(readFileSync(of, 'utf8'));
  for (const [path, value] of Object.entries(changes)) document.setIn(path.split('.'), value);
  const written = join(labDirectory, file);
  mkdirSync(labDirectory, { recursive: true });
  writeFileSync(written, document.toString({ lineWidth: 0 }));
  return written;
}

export interface MetricsView {
  source: 'worker' | 'memo';
  snapshot: Snapshot | null;
  glance: Glance;
}

export async function progress(): Promise<MetricsView | undefined> {
  const { stdout } = await hubshift('progress', '--json');
  return stdout.startsWith('{') ? (JSON.parse(stdout) as MetricsView) : undefined;
}

/** Waits until the week stands as wanted. Throws when it ends otherwise, is held by a failure, or the time is over. */
export async function follow(wanted: (seen: MetricsView) => boolean, withinMs: number): Promise<MetricsView> {
  const endsAt = Date.now() + withinMs;
  for (;;) {
    const seen = await progress();
    if (seen && wanted(seen)) return seen;
    const status = seen?.glance.status;
    if (status && ['failed', 'rolled back', 'completed'].includes(status))
      throw new Error(`The week is ${status}: ${seen.glance.issues.join('; ') || seen.snapshot?.held?.reason || ''}`);
    if (Date.now() > endsAt)
      throw new Error(
        `Not reached within ${withinMs} ms; the week is ${status} in ${seen?.glance.phase}, ${JSON.stringify(seen?.glance.tasks)}`,
      );
    await setTimeout(500);
  }
}

/** Waits until the week has ended as rolled back; what it fails at on the way there does not matter. */
export async function rolledBack(withinMs: number): Promise<void> {
  let status: string | undefined;
  for (const endsAt = Date.now() + withinMs; Date.now() < endsAt; await setTimeout(500)) {
    status = (await progress())?.glance.status;
    if (status === 'rolled back') return;
  }
  throw new Error(`Not rolled back within ${withinMs} ms; the week is ${status}`);
}

export function atStep(id: string): (seen: MetricsView) => boolean {
  return ({ snapshot }) => snapshot?.running.some((running) => running.id === id) ?? false;
}

export const isStatus = (status: Snapshot['status']) => (seen: MetricsView) => seen.glance.status === status;

export async function report(): Promise<Report> {
  const { stdout, stderr } = await hubshift('report', '--json');
  if (!stdout.startsWith('{')) throw new Error(stderr);
  return JSON.parse(stdout) as Report;
}

/** Steps and checks that are not a pass, with what was found. */
export function notPassed(seen: Report): string[] {
  return workOf(seen)
    .filter((row) => row.verdict !== 'pass')
    .map((row) => `${row.id}: ${row.verdict}: ${row.summary}`);
}

export { labDown, labStatus, type LabStatus };
