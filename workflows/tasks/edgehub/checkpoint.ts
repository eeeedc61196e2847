// The checkpoint of task 2A: that EdgeHub holds.
import { serviceOf } from '../../../plan/schema/plan.ts';
import { agentJobNames } from '../../../plan/tasks/edgehub/agent-jobs.ts';
import { watchdogAlert } from '../../../plan/tasks/edgehub/alerts.ts';
import { alertFires, remoteWriteWorks, scraping } from '../../../plan/tasks/edgehub/verdicts.ts';
import { reachableFromAll } from '../../../plan/tasks/shared/container.ts';
import { noWorse } from '../../../plan/tasks/shared/health.ts';
import { hubTarget } from '../../../plan/tasks/shared/hubs.ts';
import { every } from '../../../plan/tasks/shared/verdict.ts';
import type { Week } from '../../week.ts';
import type { On } from '../contract.ts';
import { healthOfWeek, probeFromAll, unwell } from '../shared/asks.ts';
import { remoteWrite, remoteWriteLag, scrapes, watchdogAt } from './checks.ts';

export async function edgeHubHolds(week: Week, on: On) {
  const { plan } = week;
  const edge = serviceOf(plan, 'edge-hub');
  const m = on(edge.machine);
  const watchdog = watchdogAt(week);
  return every(
    {
      reachable: reachableFromAll(await probeFromAll(on, plan, hubTarget(edge, '/-/ready'))),
      scraping: scraping(agentJobNames(plan), edge.scrapeWithin)(await scrapes(m, plan)),
      'remote write': remoteWriteWorks(remoteWriteLag(edge))(await remoteWrite(on, plan)),
      alerts: alertFires(watchdogAlert)(
        await m.alerts({ hub: hubTarget(edge), alert: watchdogAlert, withinMs: 30_000 }),
      ),
      ...(watchdog && { alertmanagers: watchdog.judge(await watchdog.look(m)) }),
      impact: noWorse(unwell(week), week.fact('targets'))(await healthOfWeek(week, on)),
    },
    'EdgeHub operational, scraping, writing to CentralHub, alerting',
  );
}
