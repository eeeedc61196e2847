// Verdicts of pilots that went back, and of the rehearsal of that.
import type { AgentDeployed, ProgramStatus } from '../../../machine-api/agents.ts';
import { runnerCalled, runnerIn } from '../../../machine-api/runs.ts';
import { humanDuration } from '../../../schema/duration.ts';
import type { Evaluation } from '../../../week/record.ts';
import type { Undone } from '../../../week/undo.ts';
import type { Results } from '../../shared/undone.ts';
import { fail, inconclusive, pass, unless } from '../../shared/verdict.ts';
import { dualHub } from './deployment.ts';

/** Each pilot's ledger entry, which stops it, restores its file and starts it, was carried out. */
export function pilotsRestored(undone: Results): Evaluation {
  const pilots = undone.filter(({ kind }) => kind === 'agent.restore');
  if (pilots.length === 0) return pass('no pilot had been migrated: none to stop');
  return unless(
    pilots.map(({ target, result, detail }) => result === 'failed' && `${target}: ${detail ?? ''}`),
    pilots
      .map(({ target, result, ms }) => `${target} ${result} in ${ms} ms`)
      .slice(0, 4)
      .join(', '),
    Object.fromEntries(pilots.slice(0, 6).map(({ target, ms }) => [`${target} ms`, ms])),
  );
}

/** Programs run, but for agents that were unwell before the week. */
export function runAgain(found: (ProgramStatus & { agent: string })[], unwell: string[] = []): Evaluation {
  if (found.length === 0) return inconclusive('no program was looked at');
  const [still, down] = [true, false].map((was) =>
    found.filter(({ agent, state }) => state !== 'RUNNING' && unwell.includes(`agent ${agent}`) === was),
  ) as [typeof found, typeof found];
  return unless(
    down.map(({ agent, program, state }) =>
      state === 'UNKNOWN'
        ? `${agent} is UNKNOWN to ${runnerCalled[runnerIn(program).runs]}: add it again`
        : `${agent} is ${state}`,
    ),
    `${found.length - still.length} pilots run${still.map(({ agent, state }) => `; ${agent} is ${state}, and was unwell before the week`).join('')}`,
    Object.fromEntries(found.slice(0, 6).map(({ agent, pid }) => [agent, pid])),
  );
}

/** There is no way back to rehearse where this run has moved nobody. */
export function noneMoved(found: { agent: string; moved: boolean }[]): Evaluation {
  if (found.length === 0) return inconclusive('there is no pilot');
  return unless(
    found.map(({ agent, moved }) => moved && `${agent} was moved, and its way back was not rehearsed`),
    `nothing to roll back: ${found.length} pilots had their configuration before this run`,
    { pilots: found.length },
  );
}

export interface Rehearsed {
  undone: Undone[];
  central: Evaluation;
  again: AgentDeployed;
  hubs: Parameters<typeof dualHub>[0];
  rollbackMs: number;
  verifyMs: number;
  migrateMs: number;
}

/** Rolled back, on CentralHub only, and migrated again; back within the limit of level 2. */
export function rehearsed(limitMs: number) {
  return ({ undone, central, again, hubs, rollbackMs, verifyMs, migrateMs }: Rehearsed): Evaluation => {
    const evidence = { rollbackMs, verifyMs, migrateMs, limitMs };
    if (undone.length === 0) return fail('the ledger had nothing of this pilot to undo', evidence);
    const migrated = dualHub(hubs);
    const evaluated = unless(
      [
        ...undone.map(
          ({ target, result, detail }) =>
            (result === 'failed' || result === 'left') && `${target} ${result}: ${detail ?? ''}`,
        ),
        central.verdict === 'fail' && `rolled back: ${central.summary}`,
        rollbackMs + verifyMs > limitMs &&
          `back on CentralHub after ${humanDuration(rollbackMs + verifyMs)}; at most ${humanDuration(limitMs)}`,
        again.state !== 'RUNNING' && `migrated again it is ${again.state}: ${again.error ?? ''}`,
        (migrated.verdict === 'fail' || (migrated.verdict === 'inconclusive' && central.verdict === 'pass')) &&
          `migrated again: ${migrated.summary}`,
      ],
      `rolled back in ${humanDuration(rollbackMs)}, CentralHub only after ${humanDuration(verifyMs)} more, migrated again in ${humanDuration(migrateMs)}`,
      evidence,
    );
    return evaluated.verdict === 'pass' && central.verdict === 'inconclusive' ? { ...central, evidence } : evaluated;
  };
}
