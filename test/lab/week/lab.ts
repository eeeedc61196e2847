// Weeks in the lab as a test uses them: orders through the command line as people give them, and what there is to see.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout } from 'node:timers/promises';
import { execa } from 'execa';
import { parseDocument } from 'yaml';
import { withClient } from '../../../client/week/connect.ts';
import { hasEnded } from '../../../client/week/follow.ts';
import { look, wholeState, type Look } from '../../../client/week/look.ts';
import { newWeek, start } from '../../../client/week/start.ts';
import { loadPlan } from '../../../client/plan-file.ts';
import { labDown } from '../../../lab/clean.ts';
import { labUp } from '../../../lab/lab.ts';
import { labDirectory, labPlanFile } from '../../../lab/state.ts';
import { labStatus, type LabStatus } from '../../../lab/status.ts';
import { reportOf, workOf, type Report } from '../../../plan/report/report.ts';
import { programOf } from '../../../plan/schema/agent.ts';
import { serviceOf, type Plan } from '../../../plan/schema/plan.ts';
import { stepsOf } from '../../../plan/tasks/steps.ts';
import type { Bystanders } from '../../../plan/week/facts.ts';
import type { Snapshot } from '../../../plan/week/snapshot.ts';

const project = fileURLToPath(new URL('../../../', import.meta.url));
export const script = `${project}dist/client/hubshift.js`;
export const weekPlan = `${project}plan/week1.yaml`;
/** The process id of the vitest that uses the lab. */
export const userFile = join(labDirectory, 'used-by');

const lookEveryMs = 200;

export interface Answer {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** Of the week that was begun last, where it is not the lab's: an order is for the plan that it names. */
let planOfWeek: string | undefined;

/** Runs a command as people do, and gives what it said. */
export async function hubshift(...args: string[]): Promise<Answer> {
  const {
    exitCode = -1,
    stdout,
    stderr,
  } = await execa('node', [script, ...args], {
    reject: false,
    timeout: 10 * 60_000,
    env: { NO_COLOR: '1', ...(planOfWeek && { HUBSHIFT_PLAN: planOfWeek }) },
  });
  return { exitCode, stdout, stderr };
}

/** Runs a command that must succeed; what it said. */
export async function must(...args: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await hubshift(...args);
  if (exitCode !== 0) throw new Error(`hubshift ${args.join(' ')} ended with ${exitCode}: ${stdout}${stderr}`);
  return stdout;
}

/** A lab in Phase 1 state, with nothing left of earlier tests, for the plan with these keys changed. */
export async function freshLab(planFile = weekPlan, changes: Record<string, unknown> = {}): Promise<LabStatus> {
  await labDown({ report: () => undefined });
  return upFor(planFile, changes);
}

/** Brings the lab up; one that is up for the same machines, services and agents only gets workers that know the changes. */
export async function upFor(planFile: string, changes: Record<string, unknown>): Promise<LabStatus> {
  process.env.HUBSHIFT_REPORTS = join(labDirectory, 'reports');
  const changed = Object.keys(changes).length > 0;
  await labUp(changed ? variant('changed.yaml', changes, planFile) : planFile, { report: (line) => console.log(line) });
  return labStatus();
}

/**
 * Starts a week in which all checks but those that are kept count as passed: every step is carried out for real, and in half a minute
 * the week is where a test wants it. Kept are those that later steps need, and what `kept` names.
 */
export async function startQuickly(
  kept: string[] = [],
  plan?: string,
  rehearsal: number | null = 10_000,
): Promise<string> {
  const planFile = loadPlan({ plan });
  const state = newWeek(planFile, rehearsal);
  state.plan.pace = 'at-once';
  // The cluster must have formed before streams are made.
  const needed = ['preflight.images', '2C.check.cluster', '2C.check.jetstream', ...kept];
  state.facts.bystanders = await bystanders(planFile.plan);
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
  planOfWeek = plan;
  return state.run;
}

/** What the baseline would have kept for the looks after an undo: who must not be disturbed, as the machines' own tools say it. */
async function bystanders(plan: Plan): Promise<Bystanders> {
  const { machines } = await labStatus();
  const run = async (command: string, ...args: string[]) => (await execa(command, args, { timeout: 10_000 })).stdout;
  const on = (name: string) => machines.find((machine) => machine.name === name)!;
  const central = serviceOf(plan, 'central-hub');
  const docker = `unix://${on(central.machine).dockerSocket}`;
  const pids = plan.agents
    .filter(({ wave }) => wave === undefined)
    .map(async (agent) => [
      agent.name,
      Number(await run('supervisorctl', '-c', on(agent.machine).supervisorConfig, 'pid', programOf(agent))),
    ]);
  return {
    programs: Object.fromEntries(await Promise.all(pids)),
    centralStartedAt: await run('docker', '-H', docker, 'inspect', '--format', '{{.State.StartedAt}}', central.name),
  };
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

/** What `hubshift progress --json` says. A process for every look would take half of a core from the week. Undefined while nobody answers. */
export async function progress(): Promise<Look | undefined> {
  const { plan } = loadPlan({});
  return withClient((client) => look(client, plan.name)).catch(() => undefined);
}

/** Waits until the week stands as wanted. Throws when it ends otherwise, is held by a failure, or the time is over. */
export async function follow(wanted: (seen: Look) => boolean, withinMs: number): Promise<Look> {
  const endsAt = Date.now() + withinMs;
  for (;;) {
    const seen = await progress();
    if (seen && wanted(seen)) return seen;
    const status = seen?.glance.status;
    if (seen && (status === 'failed' || hasEnded(seen)))
      throw new Error(`The week is ${status}: ${seen.glance.issues.join('; ') || seen.snapshot?.held?.reason || ''}`);
    if (Date.now() > endsAt)
      throw new Error(
        `Not reached within ${withinMs} ms; the week is ${status} in ${seen?.glance.phase}, ${JSON.stringify(seen?.glance.tasks)}`,
      );
    await setTimeout(lookEveryMs);
  }
}

/** Waits until the week has ended as rolled back; what it fails at on the way there does not matter. */
export async function rolledBack(withinMs: number): Promise<void> {
  let seen: Look | undefined;
  for (const endsAt = Date.now() + withinMs; Date.now() < endsAt; await setTimeout(lookEveryMs)) {
    seen = await progress();
    if (seen && isStatus('rolled back')(seen)) return;
  }
  throw new Error(`Not rolled back within ${withinMs} ms; the week is ${seen?.glance.status}`);
}

export function atStep(id: string): (seen: Look) => boolean {
  return ({ snapshot }) => snapshot?.running.some((running) => running.id === id) ?? false;
}

/** A week that is called rolled back or completed still tells people of it; only when it has ended can another begin. */
export const isStatus = (status: Snapshot['status']) => (seen: Look) =>
  seen.glance.status === status && (hasEnded(seen) || !['rolled back', 'completed'].includes(status));

/** What `hubshift report --json` says. */
export async function report(): Promise<Report> {
  const { plan } = loadPlan({});
  const state = await withClient((client) => wholeState(client, plan.name));
  if (!state) throw new Error(`nobody can say how the week of ${plan.name} stands`);
  return JSON.parse(JSON.stringify(reportOf(state, Date.now()))) as Report;
}

/** Steps and checks that are not a pass, with what was found. */
export function notPassed(seen: Report): string[] {
  return workOf(seen)
    .filter((row) => row.verdict !== 'pass')
    .map((row) => `${row.id}: ${row.verdict}: ${row.summary}`);
}

export { labDown, labStatus, type LabStatus, type Look };

/** A GO wants cause and prevention of every incident. */
export async function noteIncidents(): Promise<void> {
  for (const { id } of (await report()).incidents)
    await must('incident', 'note', id, '--cause', 'the test did it', '--prevention', 'none is wanted');
}
