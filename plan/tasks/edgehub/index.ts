// Task 2A: EdgeHub, a Prometheus near the agents of its machine.
import { filesOfAccess } from '../../schema/access.ts';
import { serviceOf, servicesOf } from '../../schema/plan.ts';
import { applyEdit } from '../../yaml/edit.ts';
import type { Task } from '../contract.ts';
import { scrapeJobs } from '../pushgateways/scrape-jobs.ts';
import { ofLabels } from '../shared/versions.ts';
import { configDirectory } from '../shared/config-directory.ts';
import { hubTarget } from '../shared/hubs.ts';
import { edgeRules } from './alerts.ts';
import { edgeConfig } from './config.ts';
import { fallbacks, usualServices } from './fallbacks.ts';
import { knownBad } from './known-bad.ts';
import { kpis } from './kpis.ts';
import { purpose } from './purpose.ts';
import { accesses, contradictions, references } from './references.ts';
import { rows, undoRows } from './rows.ts';

export const edgeHub = {
  called: 'Task 2A',
  purpose,
  standsOn: ['preflight'],
  services: {
    'edge-hub': {
      ports: ({ port }) => [port],
      healthTarget: (hub) => hubTarget(hub, '/-/ready'),
      files: (plan, hub) => {
        const { path } = configDirectory(hub);
        const config = applyEdit(edgeConfig(plan), { kind: 'scrape-jobs', jobs: scrapeJobs(plan, hub.name) });
        return [
          [`${path}/${hub.configFile}`, config],
          [`${path}/${hub.rulesFile}`, edgeRules(plan)],
        ];
      },
      reads: (plan, hub) =>
        [
          serviceOf(plan, 'central-hub'),
          hub,
          ...plan.agents.filter(({ machine }) => machine === hub.machine),
          ...servicesOf(plan, 'pushgateway').filter(({ scrapedBy }) => scrapedBy.includes(hub.name)),
        ].flatMap(filesOfAccess),
      oldest: (_, hub) =>
        ofLabels(hub) ?? { version: '2.39', lacks: 'out_of_order_time_window, which its configuration has' },
      hub: true,
    },
  },
  usualServices,
  fallbacks,
  references,
  contradictions,
  accesses,
  rows,
  undoRows,
  kpis,
  knownBad,
  report: { heading: 'EdgeHub', place: 2 },
} satisfies Task;
