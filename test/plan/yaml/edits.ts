// Edits that a week makes: any of an agent's dual-hub settings, and any scrape jobs.
import fc, { type Arbitrary } from 'fast-check';
import type { DualHubSettings, FileEdit } from '../../../plan/machine-api/files.ts';

const url = fc.constantFrom(
  'http://PC2:9100',
  'http://MainPC:9000/prometheus',
  'https://[fd00::2]:9100/#x',
  'nats://PC2:4223',
);

const settings = fc.record(
  {
    hub_endpoints: fc.record({ primary: url, fallback: url }, { requiredKeys: ['primary'] }),
    failover_config: fc.record({ max_retries: fc.integer({ min: 1, max: 20 }) }),
    nats: fc.record(
      { nats_url: url, health_subject: fc.constantFrom('a.b', 'observability.health') },
      { requiredKeys: ['nats_url'] },
    ),
    environment: fc.record({ OBS_HUB_URL: url }),
  },
  { requiredKeys: [] },
);

export const dualHubEdit: Arbitrary<FileEdit> = settings.map((some) => ({
  kind: 'dual-hub',
  settings: some as unknown as DualHubSettings,
}));

const job = fc.record({
  job_name: fc.constantFrom('gateway-a', 'gateway-b', 'pushgateway: 1'),
  honor_labels: fc.boolean(),
  static_configs: fc.constantFrom('PC2:9091', '[fd00::2]:9091').map((target) => [{ targets: [target] }]),
});

export const scrapeJobsEdit: Arbitrary<Extract<FileEdit, { kind: 'scrape-jobs' }>> = fc
  .uniqueArray(job, { selector: ({ job_name }) => job_name, minLength: 1, maxLength: 2 })
  .map((jobs) => ({ kind: 'scrape-jobs', jobs }));
