// After a rollback of task 2D: how each of its undo rows is looked at.
import type { MachineActivities } from '../../../plan/machine-api/index.ts';
import { type Agent, programOf } from '../../../plan/schema/agent.ts';
import { agentTarget } from '../../../plan/schema/endpoints.ts';
import { pilotsOf } from '../../../plan/schema/plan.ts';
import { works } from '../../../plan/tasks/pilots/verdicts/deployment.ts';
import { pilotsRestored, runAgain } from '../../../plan/tasks/pilots/verdicts/undone.ts';
import { undisturbed } from '../../../plan/tasks/shared/health.ts';
import { filesAreBack } from '../../../plan/tasks/shared/undone.ts';
import { every, everyNamed, pass } from '../../../plan/tasks/shared/verdict.ts';
import type { Bystanders } from '../../../plan/week/facts.ts';
import type { Evaluation } from '../../../plan/week/record.ts';
import type { AfterUndo, UndoCheck } from '../contract.ts';
import { bystandersOf, everywhere } from '../shared/asks.ts';
import { backWithinMs, nowAndBefore } from '../shared/undone.ts';
import { functionsOf, patternsOf } from './checks.ts';

export function undoChecks(after: AfterUndo): Record<string, UndoCheck> {
  const { week, plan, undone, moved, unwell, onCentral } = after;
  const machine = everywhere(week.plan);
  const pilots = pilotsOf(plan);
  const restored = pilots.filter(moved);
  return {
    '2D.undo.stop': { machine, look: async () => pilotsRestored(undone) },
    '2D.undo.restore': {
      machine,
      look: async (on) =>
        restored.length === 0
          ? pass("no pilot's file was changed by this run")
          : filesAreBack(undone)(
              await Promise.all(
                restored.map((pilot) => {
                  const { machine: own, config: path } = pilot;
                  return nowAndBefore(after, on, { task: '2D', machine: own, path, target: programOf(pilot) });
                }),
              ),
            ),
    },
    '2D.undo.restart': {
      machine,
      look: async (on) =>
        runAgain(
          await Promise.all(
            pilots.map(async (pilot) => ({
              agent: pilot.name,
              ...(await on(pilot.machine).programStatus({ program: programOf(pilot) })),
            })),
          ),
          unwell,
        ),
    },
    '2D.undo.central-only': { machine, look: onCentral },
    '2D.undo.functional': {
      machine,
      look: async (on) =>
        everyNamed(
          Object.fromEntries(
            await Promise.all(
              pilots.map(async (pilot) => {
                const found = await stillWorks(on(pilot.machine), pilot);
                return [pilot.name, unwell.includes(`agent ${pilot.name}`) ? noNews(found) : found] as const;
              }),
            ),
          ),
          `${pilots.length} pilots do what they did`,
        ),
    },
    '2D.undo.verify': {
      machine,
      look: (on) =>
        Promise.all([onCentral(on), bystandersOf(on, plan)]).then(([central, after]) =>
          every(
            { pilots: central, others: undisturbed({ before: ofThem(week.fact('bystanders'), after), after }) },
            `${central.summary}; nobody else disturbed`,
          ),
        ),
    },
  };
}

/** Of those that were asked: who is on a machine that is gone was not. */
function ofThem(before: Bystanders | undefined, after: Bystanders): Bystanders | undefined {
  if (!before) return undefined;
  const programs = Object.entries(before.programs).filter(([name]) => name in after.programs);
  return { ...before, programs: Object.fromEntries(programs) };
}

/** It was unwell before the week. */
function noNews(found: Evaluation): Evaluation {
  return found.verdict === 'fail' ? pass(`${found.summary}, as before the week`) : found;
}

async function stillWorks(m: MachineActivities, pilot: Agent): Promise<Evaluation> {
  if (pilot.functions.length > 0) return works(patternsOf(pilot))(await functionsOf(m, pilot, backWithinMs));
  const { ok, status, error } = await m.awaitReady({ url: agentTarget(pilot), withinMs: backWithinMs });
  return ok
    ? { verdict: 'pass', summary: 'healthy', evidence: {} }
    : { verdict: 'fail', summary: `its health: ${error ?? `answered ${status}`}`, evidence: {} };
}
