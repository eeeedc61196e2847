// The rows of task 2B, and what an undo of it must leave behind.
import { shortNames } from '../../names.ts';
import { servicesOf, type Plan } from '../../schema/plan.ts';
import { check, step, undone, type Row } from '../row.ts';
import { atDaysEnd } from '../shared/checkpoints.ts';
import { keepsHours, restarts, takesOver } from '../shared/keeps-hours.ts';

/** Both at once, each looked at until it has taken its file. */
const reloadedMs = 120_000;

export function rows(plan: Plan): Row[] {
  const gateways = servicesOf(plan, 'pushgateway');
  const names = gateways.map(({ name }) => name);
  const hubs = [...servicesOf(plan, 'central-hub'), ...servicesOf(plan, 'edge-hub')];
  const keys = shortNames(names);
  return [
    step('2B.prepare.docker', 'Docker answers on every machine with a Pushgateway'),
    step('2B.prepare.image', 'the Pushgateway image is present'),
    ...keys.flatMap((which, index) => [
      step(`2B.${which}.port`, 'the port is free or our own'),
      step(`2B.${which}.directory`, 'the data directory'),
      step(`2B.${which}.container`, 'the container, as specified', {
        makes: names[index],
        ...takesOver(plan, gateways[index]),
      }),
      check(`2B.${which}.accessible`, 'ready, and reachable from every machine'),
    ]),
    step('2B.scrape.central', "CentralHub's scrape jobs for the Pushgateways"),
    step('2B.scrape.edge', "EdgeHub's scrape job for its own Pushgateway"),
    step('2B.scrape.reload', 'both hubs reloaded, and seen to have', keepsHours(hubs, reloadedMs)),
    check('2B.scrape.active', 'the scrape jobs are up in the hubs'),
    ...keys.map((which) => check(`2B.test.push-${which}`, 'a test metric is pushed')),
    check('2B.test.visible', 'the test metrics are found in the hubs'),
    check('2B.test.persistence', 'pushed metrics survive a container restart', {
      disturbs: 'pushgateway',
      ...restarts(gateways),
    }),
    check('2B.test.impact', 'CPU, memory and response times against the baseline', { toldAs: 'performance' }),
    ...atDaysEnd(plan, check('checkpoint.day-2', 'the Pushgateways hold, at the end of their day')),
  ];
}

export const undoRows: [Row, ...Row[]] = [
  undone('2B.undo.containers', 'Pushgateways stopped and removed', [
    'container.remove',
    'container.restore',
    'directory.remove',
  ]),
  undone('2B.undo.configs', 'hub configurations byte for byte what they were', ['file.restore']),
  undone('2B.undo.reload', 'hubs run without the scrape jobs of the week'),
  undone('2B.undo.direct-scrape', 'hubs scrape the agents as before'),
];
