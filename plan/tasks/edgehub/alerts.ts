// Renders EdgeHub's alerting rules: one that always fires, and one for each way in which EdgeHub can be unwell: 2A.config.alerts, 2A.check.alert.
import { stringify } from 'yaml';
import { promDuration } from '../../schema/duration.ts';
import { type Plan, serviceOf } from '../../schema/plan.ts';
import { hubUrl } from '../shared/hubs.ts';
import { selector } from '../shared/promql.ts';

/** Always fires: when it does not, alerting itself is broken. */
export const watchdogAlert = 'EdgeHubWatchdog';

/** On that alert: an Alertmanager that has it of another run's EdgeHub, with the same names, has not heard of this one. */
export function ofRun(run: string): Record<string, string> {
  return { hubshift_run: run };
}

const heldBackLimitS = 60;

interface Rule {
  alert: string;
  expr: string;
  for?: string;
  labels: { severity: 'none' | 'warning' | 'critical'; [more: string]: string };
  annotations: { summary: string; description: string };
}

/**
 * The whole rules file, for Prometheus 2.42 and later. Windows follow the scrape interval: a rate needs several samples. `run`: that of the
 * week, which Alertmanagers are told; none is known before one begins.
 */
export function edgeRules(plan: Plan, run?: string): string {
  const hub = serviceOf(plan, 'edge-hub');
  const central = serviceOf(plan, 'central-hub');
  const own = selector('', { job: hub.name });
  const window = promDuration(4 * hub.scrapeInterval);
  const lasting = promDuration(2 * hub.scrapeInterval);

  const watchdog = rule(
    watchdogAlert,
    'vector(1)',
    'none',
    'Alerting works',
    'This alert always fires. Its absence means that rules are not evaluated.',
  );
  if (hub.alerting && run !== undefined) Object.assign(watchdog.labels, ofRun(run));

  const rules: Rule[] = [
    watchdog,
    {
      ...rule(
        'EdgeHubRemoteWriteFailing',
        `rate(prometheus_remote_storage_samples_failed_total${own}[${window}]) > 0 or rate(prometheus_remote_storage_samples_retried_total${own}[${window}]) > 0`,
        'critical',
        `Remote write to ${central.name} fails`,
        `${central.name} refuses samples of ${hub.name} or can't be reached. Look at the log of ${hub.name} and at ${hubUrl(central)}.`,
      ),
      for: lasting,
    },
    {
      ...rule(
        'EdgeHubRemoteWriteBehind',
        `prometheus_remote_storage_highest_timestamp_in_seconds${own} - ignoring(remote_name, url) group_right prometheus_remote_storage_queue_highest_sent_timestamp_seconds${own} > ${heldBackLimitS}`,
        'warning',
        `Remote write to ${central.name} is behind`,
        `The newest sample that ${central.name} has is {{ $value }} s older than the newest one of ${hub.name}.`,
      ),
      for: lasting,
    },
    {
      ...rule(
        'EdgeHubTargetDown',
        'up == 0',
        'warning',
        'A scrape target is down',
        '{{ $labels.instance }} of job {{ $labels.job }} does not answer scrapes.',
      ),
      for: lasting,
    },
    rule(
      'EdgeHubConfigReloadFailed',
      `prometheus_config_last_reload_successful${own} == 0`,
      'critical',
      'The configuration was refused',
      `${hub.name} goes on with its previous configuration. Check ${hub.configFile} with promtool.`,
    ),
    rule(
      'EdgeHubStorageFailing',
      `increase(prometheus_tsdb_wal_writes_failed_total${own}[${window}]) > 0 or increase(prometheus_tsdb_compactions_failed_total${own}[${window}]) > 0`,
      'critical',
      'Storage takes no writes',
      `The write-ahead log or a compaction failed: the disk of ${hub.base} is full or broken.`,
    ),
  ];
  return stringify({ groups: [{ name: hub.name, rules }] }, { lineWidth: 0 });
}

function rule(
  alert: string,
  expr: string,
  severity: Rule['labels']['severity'],
  summary: string,
  description: string,
): Rule {
  return { alert, expr, labels: { severity }, annotations: { summary, description } };
}
