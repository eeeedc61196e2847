// Configurations: what the two phases give, and errors that name line, path, what was found and what is allowed.
import { describe, expect, it } from 'vitest';
import { InvalidConfig, parseConfig } from '../../../lab/agent/config.ts';

const phase1 = `agent: {name: observability_hub, kind: observability_hub, listen: {host: 127.0.0.1, port: 8101}}
hub_url: http://MainPC:9000
push_interval: 1
ack_log: /var/lib/agent/acks.jsonl
`;
const phase2 = `${phase1}hub_endpoints: {primary: http://PC2:9100/, fallback: http://MainPC:9000}
failover_config: {recovery_timeout: 60}
nats:
  nats_url: nats://PC2:4223
  health_subject: observability.health.cluster
  metrics_subject: observability.metrics.pc2
environment: {OBS_HUB_URL: http://PC2:9100}
`;

function problems(text: string): string[] {
  try {
    parseConfig(text, 'agent.yaml', {});
  } catch (error) {
    if (error instanceof InvalidConfig) return error.message.split('\n');
    throw error;
  }
  return [];
}

describe('a valid configuration', () => {
  it('has the one hub in Phase 1', () => {
    const config = parseConfig(phase1, 'agent.yaml', {});
    expect(config).toMatchObject({
      phase: 1,
      hubs: [{ role: 'central', url: 'http://MainPC:9000' }],
      pushIntervalMs: 1000,
      nats: null,
      peer: null,
      obsHubUrl: null,
    });
  });

  it('has primary before fallback in Phase 2, and the defaults of what is left out', () => {
    const config = parseConfig(phase2, 'agent.yaml', {});
    expect(config.phase).toBe(2);
    expect(config.hubs).toEqual([
      { role: 'primary', url: 'http://PC2:9100' },
      { role: 'fallback', url: 'http://MainPC:9000' },
    ]);
    expect(config.failover).toMatchObject({
      healthCheckIntervalMs: 30_000,
      maxRetries: 3,
      failoverThreshold: 3,
      recoveryTimeoutMs: 60_000,
      batchTimeoutMs: 1000,
    });
    expect(config.nats?.publishIntervalMs).toBe(2000);
  });

  it('is told with what NATS is connected to', () => {
    const told = `${phase2}nats_access: { ca_file: /ca.pem, nkey_seed_file: /agents.seed }\n`;
    expect(parseConfig(told, 'agent.yaml', {}).nats?.access).toEqual({
      ca_file: '/ca.pem',
      nkey_seed_file: '/agents.seed',
    });
    expect(problems(told.replace('ca_file', 'cafile'))).toEqual([expect.stringMatching(/nats_access.*cafile/)]);
  });

  it('lets OBS_HUB_URL of the process win over the one of the file', () => {
    expect(parseConfig(phase2, 'agent.yaml', {}).obsHubUrl).toBe('http://PC2:9100');
    expect(parseConfig(phase2, 'agent.yaml', { OBS_HUB_URL: 'http://other:1' }).obsHubUrl).toBe('http://other:1');
  });
});

describe('an invalid configuration', () => {
  it('names the line and the allowed keys for an unknown key', () => {
    expect(problems(`${phase2}colour: red\n`)).toEqual([
      expect.stringMatching(/^agent\.yaml:12: colour: found an unknown key; allowed: the keys agent, hub_url, /),
    ]);
    expect(problems(phase2.replace('environment', '  burst: 9\nenvironment'))).toEqual([
      'agent.yaml:11: nats.burst: found an unknown key; allowed: the keys nats_url, health_subject, metrics_subject, publish_interval',
    ]);
  });

  it('says what was found and what is allowed for a wrong value', () => {
    expect(problems(phase1.replace('push_interval: 1', 'push_interval: 0'))).toEqual([
      'agent.yaml:3: push_interval: found 0; allowed: a number of seconds above 0, at most 86400',
    ]);
    expect(problems(phase1.replace('kind: observability_hub', 'kind: hub'))).toEqual([
      'agent.yaml:1: agent.kind: found "hub"; allowed: observability_hub, resource_manager, unified_utils_agent, bystander, strict_agent',
    ]);
  });

  it('points at the section in which a key is missing', () => {
    expect(problems(phase2.replace('  metrics_subject: observability.metrics.pc2\n', ''))).toEqual([
      expect.stringMatching(/^agent\.yaml:7: nats\.metrics_subject: found nothing; allowed: a NATS subject/),
    ]);
  });

  it('names every problem at once', () => {
    expect(problems(phase1.replace('http:', 'ftp:').replace('/var', 'var'))).toHaveLength(2);
  });

  it('names the line of a syntax error and of a key given twice', () => {
    expect(problems(`${phase1}nats: [\n`)[0]).toMatch(/^agent\.yaml:[56]: /);
    expect(problems(`${phase1}push_interval: 2\n`)[0]).toMatch(/^agent\.yaml:5: .*unique/);
  });

  it('refuses an empty file', () => {
    expect(problems('')).toEqual([
      expect.stringMatching(/^agent\.yaml:1: the file: found null; allowed: the keys agent/),
    ]);
  });
});
