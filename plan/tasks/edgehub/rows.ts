// The rows of task 2A, and what an undo of it must leave behind.
import { servicesOf, type Plan } from '../../schema/plan.ts';
import { check, step, undone, type Row } from '../row.ts';
import { atDaysEnd } from '../shared/checkpoints.ts';
import { restarts, takesOver } from '../shared/keeps-hours.ts';

export const rows = (plan: Plan): Row[] => [
  step('2A.prepare.docker', 'Docker answers'),
  step('2A.prepare.port', "EdgeHub's port is free or our own"),
  step('2A.prepare.directories', "EdgeHub's directories, with their owner"),
  step('2A.config.global', 'global configuration with the scrape interval'),
  step('2A.config.retention', 'local retention as the failover buffer'),
  step('2A.config.remote-write', 'remote write to CentralHub with back-off'),
  step('2A.config.scrape', 'scrape jobs for the local agents'),
  step('2A.config.alerts', "alerting rules for EdgeHub's health"),
  check('2A.config.valid', 'configuration and rules pass promtool'),
  step('2A.deploy.image', 'the Prometheus image is present'),
  step('2A.deploy.container', 'the container, as specified', {
    makes: servicesOf(plan, 'edge-hub')[0]?.name,
    ...takesOver(plan, servicesOf(plan, 'edge-hub')[0]),
  }),
  check('2A.deploy.healthy', 'running and ready'),
  check('2A.check.accessible', 'its metrics page answers from every machine'),
  check('2A.check.config-loaded', 'configuration loaded without errors'),
  check('2A.check.scraping', 'a local target is up and its samples are stored'),
  check('2A.check.storage', 'owner, mode and free space of the data directory'),
  check('2A.check.remote-write', 'its samples arrive in CentralHub'),
  check('2A.check.alert', 'an alert can fire and is seen'),
  ...(servicesOf(plan, 'edge-hub')[0]?.alerting
    ? [check('2A.check.alertmanagers', 'its alerts arrive at each Alertmanager')]
    : []),
  check('2A.check.restart', 'samples survive a container restart', {
    disturbs: 'edge-hub',
    ...restarts(servicesOf(plan, 'edge-hub')),
    judgesLoss: true,
  }),
  check('2A.check.no-impact', 'CentralHub and the agents are as healthy as before', { toldAs: 'performance' }),
  ...atDaysEnd(plan, check('checkpoint.day-1', 'EdgeHub holds, at the end of its day')),
];

export const undoRows: [Row, ...Row[]] = [
  undone('2A.undo.container', 'EdgeHub stopped and removed', ['container.remove', 'container.restore']),
  undone('2A.undo.directory', 'its directory removed, if the week made it', ['directory.remove', 'file.restore']),
  undone('2A.undo.agents', 'agents use CentralHub'),
  undone('2A.undo.no-impact', 'monitoring is as before'),
];
