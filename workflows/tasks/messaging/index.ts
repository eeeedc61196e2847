// Task 2C: the servers, their streams, and both put to the test.
import { looksByDay } from '../../../plan/schema/days.ts';
import { servicesOf } from '../../../plan/schema/plan.ts';
import { monitorUrl } from '../../../plan/tasks/shared/nats.ts';
import type { Week } from '../../week.ts';
import type { TaskRun } from '../contract.ts';
import { checkpoint } from '../shared/checkpoint.ts';
import { clusterHolds, streamsHold } from './checkpoints.ts';
import { checkCluster, deployServers } from './cluster.ts';
import { resilience } from './resilience.ts';
import { configureStreams } from './streams.ts';
import { undoChecks } from './undo.ts';

async function run(week: Week): Promise<void> {
  await week.task('2C', async () => {
    await deployServers(week);
    await checkCluster(week);
    if (looksByDay(week.plan)) await checkpoint(week, 'checkpoint.day-3', clusterHolds);
    const untilDay = week.untilDayOf('2C.streams');
    if (untilDay) await untilDay;
    await configureStreams(week);
    await resilience(week);
    if (looksByDay(week.plan)) await checkpoint(week, 'checkpoint.day-4', streamsHold);
  });
}

export const messaging: TaskRun = {
  run,
  undoChecks,
  restarted(on, plan, component) {
    if (component.kind !== 'nats') return undefined;
    const nodes = servicesOf(plan, 'nats').length;
    return on.natsCluster({ monitor: monitorUrl(component), nodes, withinMs: plan.messaging.formWithin });
  },
};
