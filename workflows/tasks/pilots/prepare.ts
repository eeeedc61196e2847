// Task 2D, days 5-6: backups, the dual-hub template, new configurations, validated without being deployed: 2D.backup to 2D.scripts.
import { patched } from '@temporalio/workflow';
import type { AgentActivities, AgentSpec } from '../../../plan/machine-api/agents.ts';
import { type Agent, programOf } from '../../../plan/schema/agent.ts';
import { agentTarget } from '../../../plan/schema/endpoints.ts';
import { type Plan, pilotsOf, serviceOf } from '../../../plan/schema/plan.ts';
import { dualHubSettings, environmentOf } from '../../../plan/tasks/pilots/config.ts';
import { accessIn } from '../../../plan/tasks/pilots/dual-hub.ts';
import {
  backedUp,
  newConfigIs,
  rejectsBroken,
  showsChanges,
  templateIs,
  validates,
} from '../../../plan/tasks/pilots/verdicts/preparation.ts';
import { applyEdit } from '../../../plan/yaml/edit.ts';
import type { Week } from '../../week.ts';
import { keepForReport } from './prepared.ts';

export async function preparePilots(week: Week): Promise<void> {
  const { plan } = week;
  const pilots = pilotsOf(plan);
  const machines = [...new Set(pilots.map((pilot) => pilot.machine))].join(', ');
  const edge = serviceOf(plan, 'edge-hub');
  const [first] = pilots;
  if (!first) return;
  const change = (step: string) => ({ run: week.state.run, step });

  await week.step(
    '2D.backup',
    machines,
    (on) =>
      Promise.all(
        pilots.map(async (pilot) => {
          const m = on(pilot.machine);
          const { backup, sha256 } = await m.backupConfig({ change: change('2D.backup'), config: pilot.config });
          week.keep(`backup of ${pilot.name}`, backup);
          week.keep(`original ${pilot.config}`, sha256);
          const original = await m.digestFile({ path: pilot.config, before: { run: week.state.run, task: '2D' } });
          return { agent: pilot.name, backup, sha256, original: original.sha256 };
        }),
      ),
    backedUp,
  );
  await week.step(
    '2D.template',
    edge.machine,
    async () =>
      pilots.map((pilot) => ({
        agent: pilot.name,
        machine: pilot.machine,
        text: applyEdit('# the template alone\n', { kind: 'dual-hub', settings: dualHubSettings(plan, pilot) }),
      })),
    templateIs(plan),
  );
  const good = applyEdit('# the template alone\n', { kind: 'dual-hub', settings: dualHubSettings(plan, first) });
  const broken = good.replace(/failover_threshold: .*/, 'failover_threshold: three');
  const faultyLine = broken.split('\n').findIndex((line) => line.includes('failover_threshold')) + 1;
  await week.on(first.machine).step(
    '2D.validator',
    async (m) => ({
      good: await m.validateConfig({ path: first.config, text: good, ...elsewhere(plan) }),
      broken: await m.validateConfig({ path: first.config, text: broken, ...elsewhere(plan) }),
    }),
    rejectsBroken(faultyLine),
  );
  await week.together(
    ...pilots.map((pilot) => () => {
      const step = `2D.${pilot.name}.new`;
      const settings = dualHubSettings(plan, pilot);
      return week.on(pilot.machine).step(
        step,
        (m) =>
          m.writeNewConfig({
            change: change(step),
            config: pilot.config,
            edit: { kind: 'dual-hub', settings },
          }),
        newConfigIs(Object.keys(settings)),
      );
    }),
  );
  await week.step(
    '2D.validated',
    machines,
    (on) =>
      Promise.all(
        pilots.map(async (pilot) => ({
          agent: pilot.name,
          is: await on(pilot.machine).validateConfig({
            ...checkOf(pilot),
            ...elsewhere(plan),
            ...(plan.migration.access && {
              access: accessIn({ kind: 'dual-hub', settings: dualHubSettings(plan, pilot) }),
            }),
          }),
        })),
      ),
    (found) => validates(found, patched('rows-can-fail')),
  );
  await week.step(
    '2D.scripts',
    machines,
    async (on) => {
      const found = await Promise.all(
        pilots.map(async (pilot) => ({
          agent: pilot.name,
          preview: await on(pilot.machine).previewDeploy({
            config: pilot.config,
            program: programOf(pilot),
            deployment: { run: week.state.run, agent: agentSpec(plan, pilot) },
          }),
        })),
      );
      const prepared = found.flatMap(({ preview }) => preview.prepared ?? []);
      return { found, lacks: prepared.length > 0 ? await keepForReport(week, prepared) : null };
    },
    ({ found, lacks }) => showsChanges(whoHadIt(week), lacks)(found),
  );
}

/** Said where the variable is not in the agents' own files. */
function elsewhere(plan: Plan): { environment?: false } {
  return environmentOf(plan).env ? { environment: false } : {};
}

/** Where supervisord runs it the machine itself is asked, as ever. */
function checkOf(pilot: Agent): Parameters<AgentActivities['validateConfig']>[0] {
  const { config, check } = pilot;
  const of = pilot.container === undefined ? {} : { of: { program: programOf(pilot), config } };
  return { path: `${config}.new`, check, ...of };
}

export function agentSpec(plan: Plan, pilot: Agent): AgentSpec {
  return {
    name: pilot.name,
    program: programOf(pilot),
    config: pilot.config,
    healthUrl: agentTarget(pilot),
    check: pilot.check,
    ...environmentOf(plan),
    startWithinMs: plan.migration.startWithin,
  };
}

/** The pilots whose new configuration changes no setting. */
function whoHadIt({ plan, state: { records } }: Week): string[] {
  const had = pilotsOf(plan)
    .map(({ name }) => name)
    .filter((name) => (records[`2D.${name}.new`]?.evidence['keys'] as string[] | undefined)?.length === 0);
  return had.length > 0 && knowsWhoHadIt() ? had : [];
}

/** In a history of before, a pilot that had the wanted configuration was as one whose change was lost. Asked where there is one. */
export function knowsWhoHadIt(): boolean {
  return patched('pilots-may-have-it-already');
}
