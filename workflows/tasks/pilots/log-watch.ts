// The log of a pilot, watched after its deployment: `2D.deploy.NAME.log-watch`.
import { patched } from '@temporalio/workflow';
import { errorPatternsOf } from '../../../plan/logs/shown.ts';
import type { LogAsk } from '../../../plan/machine-api/agents.ts';
import type { MachineActivities } from '../../../plan/machine-api/index.ts';
import { type Agent, logOf } from '../../../plan/schema/agent.ts';
import { logIsClean } from '../../../plan/tasks/pilots/verdicts/deployment.ts';
import type { WatchWindow } from '../../../plan/week/state.ts';
import type { Week } from '../../week.ts';

/** Where the log ends before its agent is deployed, or watched again. */
export async function keepLogsEnd(week: Week, m: MachineActivities, agent: Agent): Promise<void> {
  const { name } = agent;
  const { offset, place } = await m.logOffset({ path: logOf(agent) });
  week.keep(`log offset 2D.deploy.${name}`, offset);
  if (place) week.keep(`log place 2D.deploy.${name}`, place);
}

/** Everything the agent logged since it was deployed; a watch that is done again begins with what comes now. */
export async function watchLog(week: Week, pilot: Agent): Promise<void> {
  const { plan, state } = week;
  const id = `2D.deploy.${pilot.name}.log-watch`;
  await week.on(pilot.machine).check(
    id,
    async (m) => {
      // A history of before slept for what a worker that ended had not read.
      const toItsEnd = patched('log-is-read-to-its-end');
      // One that is under way goes on where it began, though nobody has said yet what was read of it.
      if (state.records[id] && !(toItsEnd && state.windows[id])) await keepLogsEnd(week, m, pilot);
      const window = (state.windows[id] ??= {
        creditMs: 0,
        samples: 0,
        failed: 0,
        longestGapMs: 0,
        restarts: 0,
        startedAt: Date.now(),
      });
      const found = toItsEnd
        ? await readToItsEnd(week, pilot, m, window)
        : await m.watchLog(askOf(week, pilot, window));
      week.stopIfOrdered();
      await week.sleep(window.startedAt + plan.watch.log - Date.now(), id, pilot.machine);
      window.creditMs = Date.now() - window.startedAt;
      delete state.windows[id];
      delete state.facts[`log place 2D.deploy.${pilot.name}`];
      return { ...found, watchedMs: window.creditMs };
    },
    (found) => {
      const evaluated = logIsClean(plan.watch.log)(found);
      return { ...evaluated, evidence: { ...evaluated.evidence, plannedMs: state.planned.logMs } };
    },
  );
}

/** A worker that ends hands over what it has read, and the next reads on from there: the file still has it. */
async function readToItsEnd(week: Week, pilot: Agent, m: MachineActivities, window: WatchWindow) {
  for (;;) {
    const ask = askOf(week, pilot, window);
    const { lines, matches, first, offset, place, readAt, missed = 0 } = await m.watchLog(ask);
    const { log: before } = window;
    window.log = {
      lines: (before?.lines ?? 0) + lines,
      matches: (before?.matches ?? 0) + matches,
      // A worker of before does not say in which file.
      place: place ?? { inode: 0, offset },
      missed: (before?.missed ?? 0) + missed,
    };
    // Its place is known from there now.
    delete week.state.facts[`log place 2D.deploy.${pilot.name}`];
    window.firstIssue ??= first[0];
    week.stopIfOrdered();
    week.stopIfHistoryIsLong();
    // Nor when it has read last.
    if ((readAt ?? ask.untilMs) >= ask.untilMs)
      return { ...window.log, first: window.firstIssue === undefined ? [] : [window.firstIssue] };
  }
}

function askOf(week: Week, pilot: Agent, { log, startedAt }: WatchWindow): LogAsk {
  const place = log?.place ?? week.fact(`log place 2D.deploy.${pilot.name}`);
  return {
    path: logOf(pilot),
    fromOffset: log?.place.offset ?? week.fact(`log offset 2D.deploy.${pilot.name}`) ?? null,
    place,
    untilMs: startedAt + week.plan.watch.log,
    patterns: errorPatternsOf(week.plan, pilot),
  };
}
