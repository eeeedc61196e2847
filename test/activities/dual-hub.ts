// Dual-hub settings for tests: those of the packaged plan for an agent on PC2.
import type { FileEdit } from '../../plan/machine-api/files.ts';

export const dualHubEdit: FileEdit = {
  kind: 'dual-hub',
  settings: {
    hub_endpoints: { primary: 'http://PC2:9100', fallback: 'http://MainPC:9000', pushgateway: 'http://PC2:9091' },
    failover_config: {
      health_check_interval: 30,
      max_retries: 3,
      failover_threshold: 3,
      recovery_timeout: 300,
      probe_interval: 1,
      probe_timeout: 1,
      batch_timeout: 1,
    },
    nats: {
      nats_url: 'nats://PC2:4223',
      health_subject: 'observability.health.cluster',
      metrics_subject: 'observability.metrics.pc2',
    },
    environment: { OBS_HUB_URL: 'http://PC2:9100' },
  },
};
