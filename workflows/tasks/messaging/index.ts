// Task 2C: the servers, their streams, and both put to the test.
import { servicesOf } from '../../../plan/schema/plan.ts';
import { monitorUrl } from '../../../plan/tasks/shared/nats.ts';
import type { Week } from '../../week.ts';
import type { TaskRun } from '../contract.ts';
import { checkCluster, deployServers } from './cluster.ts';
import { resilience } from './resilience.ts';
import { configureStreams } from './streams.ts';
import { undoChecks } from './undo.ts';

async function run(week: Week): Promise<void> {
  await week.task('2C', async () => {
    await deployServers(week);
    await checkCluster(week);
    await configureStreams(week);
    await resilience(week);
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
