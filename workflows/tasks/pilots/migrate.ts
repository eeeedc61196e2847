// Task 2D, days 6-7: each wave of pilots is deployed, watched, checked and observed before the next: 2D.deploy.NAME.*, 2D.rollback-rehearsal.
import type { AgentDeployed } from '../../../plan/machine-api/agents.ts';
import type { MachineActivities } from '../../../plan/machine-api/index.ts';
import { type Agent, programOf } from '../../../plan/schema/agent.ts';
import { serviceOf, wavesOf } from '../../../plan/schema/plan.ts';
import { dualHubSettings } from '../../../plan/tasks/pilots/config.ts';
import { deployed } from '../../../plan/tasks/pilots/verdicts/deployment.ts';
import { type FailoverSeen, failsOver, losesNothing } from '../../../plan/tasks/pilots/verdicts/failover.ts';
import { noneMoved, rehearsed } from '../../../plan/tasks/pilots/verdicts/undone.ts';
import { beforeOf } from '../../../plan/tasks/shared/own-changes.ts';
import { centralOnly } from '../../../plan/tasks/shared/undone.ts';
import { every } from '../../../plan/tasks/shared/verdict.ts';
import { noteDisturbed } from '../../../plan/week/disturbances.ts';
import { ifAllowed } from '../../watch/fault-window.ts';
import type { Week } from '../../week.ts';
import { notAfter } from '../../windows.ts';
import { hubsAfter } from '../shared/undone.ts';
import { checks, hubsShown } from './checks.ts';
import { failOver } from './failover.ts';
import { keepLogsEnd, watchLog } from './log-watch.ts';
import { observe } from './observe.ts';
import { keepForReport } from './prepared.ts';
import { agentSpec, knowsWhoHadIt, preparePilots } from './prepare.ts';

export async function migratePilots(week: Week): Promise<void> {
  await week.task('2D', async () => {
    await preparePilots(week);
    const untilDay = week.untilDayOf('2D.deploy');
    if (untilDay) await untilDay;
    for (const [index, wave] of wavesOf(week.plan).entries()) {
      await migrateWave(week, wave);
      const pilot = wave.find((one) => isMoved(week, one));
      // In a history of before it was the very first, whatever that had been.
      const isFirst = index === 0 && pilot !== wave[0] && !knowsWhoHadIt();
      if (isFirst) await rehearseRollback(week, wave[0]!);
      else if (pilot && !week.settled(rehearsal)) await rehearseRollback(week, pilot);
    }
    const pilots = wavesOf(week.plan).flat();
    const [first] = pilots;
    if (!first) return;
    const moves = async () => pilots.map((pilot) => ({ agent: pilot.name, moved: isMoved(week, pilot) }));
    await week.on(first.machine).check(rehearsal, moves, noneMoved);
  });
}

const rehearsal = '2D.rollback-rehearsal';

/** Whether this run gave it another configuration than it had; also where nobody knows. */
function isMoved(week: Week, { name, config }: Agent): boolean {
  const sha256 = week.state.records[`2D.deploy.${name}`]?.evidence['sha256'];
  return typeof sha256 !== 'string' || week.fact(`original ${config}`)?.startsWith(sha256) !== true;
}

/** The first pilot that was moved goes back and is migrated again before the next wave begins: what a rollback takes is known when it is needed. */
async function rehearseRollback(week: Week, pilot: Agent): Promise<void> {
  const { plan, state } = week;
  await week.on(pilot.machine).check(
    rehearsal,
    async (m) => {
      const began = Date.now();
      const undone = await m.rollback({
        run: state.run,
        scope: { agent: pilot.name },
        notAfterMs: notAfter(week, rehearsal),
      });
      const undoneAt = Date.now();
      const tookMs = undone.reduce((sum, { ms }) => sum + ms, 0);
      noteDisturbed(state, [pilot.name], undoneAt - tookMs, undoneAt);
      const central = centralOnly(plan.migration.contract.activeHub?.central ?? '')([
        await hubsAfter(m, plan, pilot, beforeOf(week.fact('before'), pilot.name)),
      ]);
      const verifiedAt = Date.now();
      const again = await deployWith(week, m, pilot);
      return {
        undone,
        central,
        again,
        hubs: await hubsShown(m, plan, pilot),
        rollbackMs: undoneAt - began,
        verifyMs: verifiedAt - undoneAt,
        migrateMs: Date.now() - verifiedAt,
      };
    },
    rehearsed(plan.emergency.level2),
  );
}

async function migrateWave(week: Week, wave: Agent[]): Promise<void> {
  await week.together(...wave.map((pilot) => () => deploy(week, pilot)));
  await week.together(...wave.map((pilot) => () => watchLog(week, pilot)));
  await week.together(...wave.map((pilot) => () => checks(week, pilot)));
  await fallback(week, wave);
  await observe(week, wave);
}

async function deploy(week: Week, pilot: Agent): Promise<void> {
  const step = `2D.deploy.${pilot.name}`;
  await week.on(pilot.machine).step(
    step,
    async (m) => {
      if (week.fact(`log offset 2D.deploy.${pilot.name}`) === undefined) await keepLogsEnd(week, m, pilot);
      return deployWith(week, m, pilot, notAfter(week, step));
    },
    deployed(programOf(pilot)),
  );
}

/** What others made of the configuration meanwhile is what a rollback gives back, and is looked for then. */
async function deployWith(week: Week, m: MachineActivities, pilot: Agent, notAfterMs?: number): Promise<AgentDeployed> {
  const found = await m.deployAgent({ ...deployment(week, pilot), notAfterMs });
  noteDisturbed(week.state, [pilot.name], Date.now() - found.downMs, Date.now());
  if (found.originalSha256) week.keep(`original ${pilot.config}`, found.originalSha256);
  if (found.prepared) await keepForReport(week, [found.prepared]);
  return found;
}

function deployment(week: Week, pilot: Agent): Parameters<MachineActivities['deployAgent']>[0] {
  return {
    change: { run: week.state.run, step: `2D.deploy.${pilot.name}` },
    agent: agentSpec(week.plan, pilot),
    backup: week.fact(`backup of ${pilot.name}`) ?? `${pilot.config}.backup`,
    edit: { kind: 'dual-hub', settings: dualHubSettings(week.plan, pilot) },
  };
}

/** EdgeHub is stopped for as long as the wave needs to move over. */
async function fallback(week: Week, wave: Agent[]): Promise<void> {
  const { plan } = week;
  const ids = wave.map((pilot) => `2D.deploy.${pilot.name}.fallback`);
  const [first = ''] = ids;
  const evaluate = (found: FailoverSeen[]) => {
    const [over, kept] = [
      failsOver(plan.limits.failover.limit, plan.limits.failover.target)(found),
      losesNothing(found),
    ];
    return every({ over, kept }, over.summary, { ...over.evidence, ...kept.evidence });
  };
  await ifAllowed(
    week,
    'edgehub-stop',
    ids,
    serviceOf(plan, 'edge-hub').machine,
    (on) => failOver(week, on, { id: first, way: 'stop' }, wave, 0),
    (found) =>
      Object.fromEntries(
        wave.map((pilot, index) => [ids[index]!, evaluate(found.filter((one) => one.agent === pilot.name))]),
      ),
  );
}
