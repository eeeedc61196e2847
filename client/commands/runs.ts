// hubshift runs: the weeks that Temporal knows of.
import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import type { Command } from 'commander';
import { isOfAllBuilds } from '../../plan/names.ts';
import type { Glance } from '../../plan/week/snapshot.ts';
import { request, withClient } from '../week/connect.ts';
import { statusText } from '../../plan/week/state.ts';
import type { Execution } from '../week/look.ts';
import { columns, utc } from '../show/text.ts';

const newest = 100;

/** One entry of `hubshift runs --json`. Times are Unix milliseconds. */
export interface Run {
  run: string;
  plan: string;
  rehearsal: number | null;
  /** `unknown` in an execution that hubshift did not start: `run` and `plan` are then what Temporal calls it. */
  status: Glance['status'] | 'unknown';
  phase: Glance['phase'] | 'unknown';
  verdict: Glance['verdict'] | 'unknown';
  execution: Execution;
  queue: string;
  startedAt: number;
  endedAt: number | null;
  /** Machines that it was rolled back without. */
  without?: string[];
}

export function addRuns(program: Command): void {
  program
    .command('runs')
    .description(`the newest ${newest} runs of all plans`)
    .option('--json', 'as data; see docs/cli.md')
    .action(async (options: { json?: boolean }) => {
      const runs = await withClient(list);
      process.stdout.write(`${options.json ? JSON.stringify(runs, null, 2) : table(runs)}\n`);
    });
}

export async function list(client: Client): Promise<Run[]> {
  const runs: Run[] = [];
  await request(client, async () => {
    // A long run continues as new: the run is its last execution.
    for await (const found of client.workflow.list({
      query: "WorkflowType = 'week1' AND ExecutionStatus != 'ContinuedAsNew'",
    })) {
      const run = runOf(found);
      // One that had ended and was taken up again (a rollback, a note) shows as it is now.
      if (!runs.some((newer) => newer.run === run.run)) runs.push(run);
      if (runs.length === newest) break;
    }
  });
  return runs;
}

function runOf({ workflowId, runId, memo, status, startTime, closeTime, taskQueue }: WorkflowExecutionInfo): Run {
  const of = memo?.['glance'] as Glance | undefined;
  return {
    run: of?.run ?? runId,
    plan: of?.plan ?? workflowId,
    rehearsal: of?.rehearsal ?? null,
    status: of?.status ?? 'unknown',
    phase: of?.phase ?? 'unknown',
    verdict: of?.verdict ?? 'unknown',
    execution: status.name.toLowerCase(),
    queue: taskQueue,
    startedAt: of?.startedAt ?? startTime.getTime(),
    endedAt: closeTime?.getTime() ?? null,
    ...(of?.without && { without: of.without }),
  };
}

function statusOf({ status, execution, without }: Run): string {
  if (status === 'unknown') return status;
  return execution === 'running' || execution === 'completed' ? statusText(status, without) : execution;
}

export function table(runs: Run[]): string {
  if (runs.length === 0) return 'No runs yet. hubshift start begins one.';
  const rows = runs.map((run) => [
    run.run,
    run.plan,
    run.rehearsal === null ? '' : `/${run.rehearsal}`,
    statusOf(run),
    run.phase,
    run.verdict,
    utc(run.startedAt),
    run.endedAt === null ? '' : utc(run.endedAt),
    isOfAllBuilds(run.queue) ? '' : run.queue,
  ]);
  const heads = ['RUN', 'PLAN', 'REHEARSAL', 'STATUS', 'PHASE', 'VERDICT', 'STARTED', 'ENDED', 'QUEUE'];
  // Seldom is one moved.
  const shown = rows.some((row) => row.at(-1)) ? heads.length : heads.length - 1;
  return columns([heads, ...rows].map((row) => row.slice(0, shown))).join('\n');
}
