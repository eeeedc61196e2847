// EdgeHub's configuration and rules, as Prometheus itself sees them.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { debianBinary } from '../../../../lab/binaries.ts';
import { edgeRules, watchdogAlert } from '../../../../plan/tasks/edgehub/alerts.ts';
import { edgeConfig } from '../../../../plan/tasks/edgehub/config.ts';
import { scrapeJobs } from '../../../../plan/tasks/pushgateways/scrape-jobs.ts';
import { applyEdit } from '../../../../plan/yaml/edit.ts';
import { weekPlan } from '../plan.ts';

const plan = weekPlan();
let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'prometheus-'));
  writeFileSync(join(directory, 'edgehub-rules.yml'), edgeRules(plan));
});
afterAll(() => rmSync(directory, { recursive: true }));

async function promtool(command: 'config' | 'rules', name: string, text: string) {
  const file = join(directory, name);
  writeFileSync(file, text);
  return execa(await debianBinary('promtool'), ['check', command, file], { reject: false, all: true, timeout: 20_000 });
}

/** The rules without their texts, which promtool would otherwise compare too. */
function bareRules(): string {
  const rules = parse(edgeRules(plan));
  for (const rule of rules.groups[0].rules) delete rule.annotations;
  return stringify(rules);
}

/** Runs a rule test: series as promtool spells them, and the one alert of that name that must fire. */
async function alertsFire(series: { series: string; values: string }[], alertname: string, labels: object) {
  writeFileSync(join(directory, 'bare-rules.yml'), bareRules());
  const test = {
    rule_files: ['bare-rules.yml'],
    evaluation_interval: '15s',
    tests: [
      {
        interval: '15s',
        input_series: series,
        alert_rule_test: [{ eval_time: '3m', alertname, exp_alerts: [{ exp_labels: labels }] }],
      },
    ],
  };
  const file = join(directory, `test-${alertname}.yml`);
  writeFileSync(file, JSON.stringify(test));
  return execa(await debianBinary('promtool'), ['test', 'rules', file], { reject: false, all: true, timeout: 20_000 });
}

describe('prometheus-edge.yml', () => {
  it('passes promtool, with the Pushgateway jobs added too', async () => {
    const config = edgeConfig(plan);
    const checked = await promtool('config', 'prometheus-edge.yml', config);
    expect(checked.all).toContain('is valid prometheus config file syntax');
    const edited = applyEdit(config, { kind: 'scrape-jobs', jobs: scrapeJobs(plan, 'edgehub') });
    expect((await promtool('config', 'edited.yml', edited)).exitCode).toBe(0);
  });

  it('is refused by promtool when it is broken', async () => {
    const broken = await promtool(
      'config',
      'broken.yml',
      edgeConfig(plan).replace('scrape_interval: 15s', 'scrape_interval: 15 seconds'),
    );
    expect(broken.exitCode).toBe(1);
    expect(broken.all).toContain('15 seconds');
  });

  it('writes to CentralHub, retries, and takes late batches', () => {
    const config = parse(edgeConfig(plan));
    expect(config.global).toEqual({
      scrape_interval: '15s',
      evaluation_interval: '15s',
      external_labels: { hub: 'edgehub' },
    });
    expect(config.rule_files).toEqual(['edgehub-rules.yml']);
    expect(config.storage.tsdb.out_of_order_time_window).toBe('10m');
    expect(config.remote_write).toEqual([
      {
        name: 'centralhub',
        url: 'http://MainPC:9000/api/v1/write',
        remote_timeout: '10s',
        queue_config: {
          capacity: 10_000,
          max_shards: 10,
          batch_send_deadline: '5s',
          min_backoff: '30ms',
          max_backoff: '5s',
          retry_on_http_429: true,
        },
      },
    ]);
  });

  it('scrapes itself and every agent of its own machine, and no other', () => {
    expect(parse(edgeConfig(plan)).scrape_configs).toEqual([
      { job_name: 'edgehub', static_configs: [{ targets: ['localhost:9090'] }] },
      {
        job_name: 'agents',
        metrics_path: '/metrics',
        static_configs: [{ targets: ['PC2:8101', 'PC2:8102', 'PC2:8103', 'PC2:8104'] }],
      },
    ]);
  });

  it('is valid with a scrape interval below a second', async () => {
    const quick = weekPlan();
    const hub = quick.services.find((service) => service.kind === 'edge-hub');
    if (hub) hub.scrapeInterval = 500;
    expect(edgeConfig(quick)).toContain('scrape_interval: 500ms');
    expect((await promtool('config', 'quick.yml', edgeConfig(quick))).exitCode).toBe(0);
    expect((await promtool('rules', 'quick-rules.yml', edgeRules(quick))).exitCode).toBe(0);
  });
});

describe('scrape jobs of Pushgateways', () => {
  it('go to each hub as the plan says, keeping the labels that were pushed', () => {
    const main = { job_name: 'pushgateway-main', honor_labels: true, static_configs: [{ targets: ['MainPC:9091'] }] };
    const pc2 = { job_name: 'pushgateway-pc2', honor_labels: true, static_configs: [{ targets: ['PC2:9091'] }] };
    expect(scrapeJobs(plan, 'centralhub')).toEqual([main, pc2]);
    expect(scrapeJobs(plan, 'edgehub')).toEqual([pc2]);
  });
});

describe('alerting rules', () => {
  it('pass promtool, and are refused when broken', async () => {
    expect((await promtool('rules', 'rules.yml', edgeRules(plan))).all).toContain('6 rules found');
    const broken = await promtool('rules', 'broken-rules.yml', edgeRules(plan).replace('vector(1)', 'vector(1'));
    expect(broken.exitCode).toBe(1);
  });

  it('always fire the watchdog, with no data at all', async () => {
    expect((await alertsFire([], watchdogAlert, { severity: 'none' })).all).toContain('SUCCESS');
  });

  it('fail the test of rules when an alert that should fire does not', async () => {
    const healthy = [{ series: 'up{job="agents",instance="PC2:8101"}', values: '1x20' }];
    expect(
      (await alertsFire(healthy, 'EdgeHubTargetDown', { severity: 'warning', job: 'agents', instance: 'PC2:8101' }))
        .exitCode,
    ).toBe(1);
  });

  it.each([
    [
      'EdgeHubTargetDown',
      [{ series: 'up{job="agents",instance="PC2:8101"}', values: '0x20' }],
      { severity: 'warning', job: 'agents', instance: 'PC2:8101' },
    ],
    [
      'EdgeHubRemoteWriteFailing',
      [
        {
          series: 'prometheus_remote_storage_samples_failed_total{job="edgehub",remote_name="centralhub"}',
          values: '0+5x20',
        },
      ],
      { severity: 'critical', job: 'edgehub', remote_name: 'centralhub' },
    ],
    [
      'EdgeHubRemoteWriteBehind',
      [
        { series: 'prometheus_remote_storage_highest_timestamp_in_seconds{job="edgehub"}', values: '1000+15x20' },
        {
          series:
            'prometheus_remote_storage_queue_highest_sent_timestamp_seconds{job="edgehub",remote_name="centralhub",url="u"}',
          values: '1000x20',
        },
      ],
      { severity: 'warning', job: 'edgehub', remote_name: 'centralhub', url: 'u' },
    ],
    [
      'EdgeHubConfigReloadFailed',
      [{ series: 'prometheus_config_last_reload_successful{job="edgehub"}', values: '0x20' }],
      { severity: 'critical', job: 'edgehub' },
    ],
    [
      'EdgeHubStorageFailing',
      [{ series: 'prometheus_tsdb_wal_writes_failed_total{job="edgehub"}', values: '0+1x20' }],
      { severity: 'critical', job: 'edgehub' },
    ],
  ])('fire %s when that is what happens', async (alert, series, labels) => {
    expect((await alertsFire(series, alert, labels)).all).toContain('SUCCESS');
  });
});
