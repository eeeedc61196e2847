// Dual-hub settings: what is rendered from the plan, and how a wrong one is found.
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { parseConfig } from '../../../../lab/agent/config.ts';
import { dualHubSettings } from '../../../../plan/tasks/pilots/config.ts';
import { templateIs } from '../../../../plan/tasks/pilots/verdicts/preparation.ts';
import { metricsSubject } from '../../../../plan/tasks/shared/nats.ts';
import type { DualHubSettings } from '../../../../plan/machine-api/files.ts';
import { validateDualHub } from '../../../../plan/tasks/pilots/dual-hub.ts';
import { applyEdit } from '../../../../plan/yaml/edit.ts';
import { pilotsOf } from '../../../../plan/schema/plan.ts';
import { weekPlan } from '../plan.ts';

const plan = weekPlan();
const pilot = pilotsOf(plan)[0]!;
const good = stringify({ agent: 'x', ...dualHubSettings(plan, pilot) });

describe('dual-hub settings', () => {
  it('are those of the packaged plan for a pilot on PC2', () => {
    expect(dualHubSettings(plan, pilot)).toEqual({
      hub_endpoints: { primary: 'http://PC2:9100', fallback: 'http://MainPC:9000', pushgateway: 'http://PC2:9091' },
      failover_config: {
        health_check_interval: 30,
        max_retries: 3,
        failover_threshold: 3,
        recovery_timeout: 300,
      },
      nats: {
        nats_url: 'nats://PC2:4223',
        health_subject: 'observability.health.cluster',
        metrics_subject: 'observability.metrics.pc2',
      },
      environment: { OBS_HUB_URL: 'http://PC2:9100' },
    });
  });

  it("use the Pushgateway, the NATS server and the subject of the agent's own machine", () => {
    const { hub_endpoints, nats } = dualHubSettings(plan, { ...pilot, machine: 'MainPC' });
    expect(hub_endpoints).toEqual({
      primary: 'http://PC2:9100',
      fallback: 'http://MainPC:9000',
      pushgateway: 'http://MainPC:9091',
    });
    expect(nats).toMatchObject({ nats_url: 'nats://MainPC:4222', metrics_subject: 'observability.metrics.mainpc' });
  });

  it('make a configuration of one hub one of two that the reference agent loads', () => {
    const before =
      'agent: { name: a, kind: bystander, listen: { host: 127.0.0.1, port: 8101 } }\nhub_url: http://MainPC:9000\npush_interval: 5\nack_log: /tmp/acks\n';
    const after = applyEdit(before, { kind: 'dual-hub', settings: dualHubSettings(plan, pilot) });
    expect(parseConfig(before, 'a.yaml', {})).toMatchObject({ phase: 1, nats: null });
    expect(parseConfig(after, 'a.yaml', {})).toMatchObject({
      phase: 2,
      obsHubUrl: 'http://PC2:9100',
      failover: { recoveryTimeoutMs: 300_000 },
      nats: { url: 'nats://PC2:4223' },
    });
  });

  it('have how an agent probes where the plan asks for it, and nothing of it else', () => {
    const { failover } = plan.migration;
    const asks = {
      ...plan,
      migration: { ...plan.migration, failover: { ...failover, probeInterval: 500, batchTimeout: 2_000 } },
    };
    const [without, asked] = [plan, asks].map((one) => Object.keys(dualHubSettings(one, pilot).failover_config));
    expect(asked!.filter((key) => !without!.includes(key))).toEqual(['probe_interval', 'batch_timeout']);
    expect(dualHubSettings(asks, pilot).failover_config).toMatchObject({ probe_interval: 0.5, batch_timeout: 2 });
  });

  it('start an agent that refuses every key which it does not know, where the plan asks for no more', () => {
    const before =
      'agent: { name: a, kind: strict_agent, listen: { host: 127.0.0.1, port: 8101 } }\nhub_url: http://MainPC:9000\npush_interval: 5\nack_log: /tmp/acks\n';
    const edited = (probing: Partial<DualHubSettings['failover_config']>) => {
      const settings = dualHubSettings(plan, pilot);
      const failover_config = { ...settings.failover_config, ...probing };
      return applyEdit(before, { kind: 'dual-hub', settings: { ...settings, failover_config } });
    };
    expect(parseConfig(edited({}), 'a.yaml', {})).toMatchObject({ phase: 2, failover: { probeIntervalMs: 1000 } });
    expect(() => parseConfig(edited({ probe_interval: 1 }), 'a.yaml', {})).toThrow(
      /failover_config\.probe_interval: found an unknown key; allowed: the keys health_check_interval, max_retries, failover_threshold, recovery_timeout$/m,
    );
  });

  it.each([
    ['edge', 'pc.edge'],
    ['pc.edge', 'edge'],
    ['edge', 'pc.edge', 'a.pc.edge'],
    ['a', 'b.a', 'c.b.a', 'c.a'],
  ])('have the subject of a machine whose name ends that of another, or that ends with it: %s, %s', (...names) => {
    const named = structuredClone(plan);
    named.machines = names.map((name) => ({ ...plan.machines[0]!, name: name.toUpperCase() }));
    named.messaging.streams[0]!.publishes = names.map((name) => `observability.metrics.${name}`).toReversed();
    for (const { name } of named.machines) {
      expect(metricsSubject(named, name)).toBe(`observability.metrics.${name.toLowerCase()}`);
      const text = stringify({ agent: 'x', ...dualHubSettings(named, { ...pilot, machine: name }) });
      expect(templateIs(named)([{ agent: 'x', machine: name, text }]).verdict).toBe('pass');
      const others = names.filter((other) => other !== name.toLowerCase());
      const wrong = text.replace(/(metrics_subject: ).*/, `$1observability.metrics.${others[0]}`);
      expect(templateIs(named)([{ agent: 'x', machine: name, text: wrong }]).verdict).toBe('fail');
    }
  });

  it("can't be rendered for a machine without a metrics subject, and say what is missing", () => {
    expect(() => metricsSubject(plan, 'Third')).toThrow(/no metrics subject for Third.*"\.third"/);
  });
});

describe('the validator', () => {
  it('takes what is rendered', () => {
    expect(validateDualHub(good)).toEqual({ ok: true, message: 'the dual-hub settings are complete and valid' });
  });

  it.each([
    ['hub_endpoints', 'timeout: 5'],
    ['failover_config', 'jitter: {share: 0.1}'],
    ['failover_config', 'probe_interval: 500ms'],
    ['nats', 'publish_interval: 5'],
    ...['TZ: UTC', 'PORT: 8080', 'DEBUG: true', 'EMPTY:', 'V: 1.10', 'LIST: [a]'].map((own) => ['environment', own]),
  ])('leaves what else is in %s to the agent: "%s"', (block, own) => {
    expect(validateDualHub(good.replace(`${block}:\n`, `${block}:\n  ${own}\n`))).toMatchObject({ ok: true });
  });

  it('leaves other blocks to the agent', () => {
    expect(validateDualHub(`${good}own: {a: 1}\n`)).toMatchObject({ ok: true });
  });

  it.each([
    ['text that is not YAML', 'a: 1\nb: [1\nc: 2\n', /line \d+: not YAML/, undefined],
    [
      'a URL without a scheme',
      good.replace('primary: http://PC2:9100', 'primary: PC2:9100'),
      /hub_endpoints\.primary: a URL such as http:\/\/PC2:9100 is wanted; found "PC2:9100"/,
      'primary:',
    ],
    [
      'a misspelt setting',
      good.replace('max_retries', 'max_retrys'),
      /failover_config\.max_retries: a whole number is wanted; found nothing/,
      'failover_config:',
    ],
    [
      'text where a number belongs',
      good.replace('recovery_timeout: 300', 'recovery_timeout: 5m'),
      /failover_config\.recovery_timeout: a number of seconds is wanted; found "5m"/,
      'recovery_timeout:',
    ],
    [
      'a number below one',
      good.replace('failover_threshold: 3', 'failover_threshold: 0'),
      /failover_threshold: a whole number above zero is wanted; found 0/,
      'failover_threshold:',
    ],
    [
      'a missing block',
      good.replace(/nats:\n(  .*\n)+/, ''),
      /nats: a block of settings is wanted; found nothing/,
      undefined,
    ],
    [
      'a fallback that is the primary',
      good.replace('fallback: http://MainPC:9000', 'fallback: http://PC2:9100'),
      /fallback: a hub other than the primary is wanted/,
      'fallback:',
    ],
    [
      'a subject with a wildcard',
      good.replace('observability.metrics.pc2', 'observability.metrics.*'),
      /metrics_subject: a NATS subject without wildcards/,
      'metrics_subject:',
    ],
    [
      'an environment that is text',
      good.replace(/environment:\n.*/, 'environment: none'),
      /environment: a block of/,
      'environment:',
    ],
    ['an http URL for NATS', good.replace('nats://PC2', 'http://PC2'), /nats_url: a URL such as nats:/, 'nats_url:'],
  ])('refuses %s, with its line', (_what, text, message, atLine) => {
    const found = validateDualHub(text);
    expect(found).toMatchObject({ ok: false, message: expect.stringMatching(message) });
    if (atLine) expect(found.line).toBe(text.split('\n').findIndex((line) => line.includes(atLine)) + 1);
  });

  it('names every fault at once, in the order of the lines', () => {
    const { line, message } = validateDualHub(
      good
        .replace('fallback: http://MainPC:9000', 'fallback: x')
        .replace('recovery_timeout: 300', 'recovery_timeout: -1'),
    );
    expect(message.split('\n')).toHaveLength(2);
    expect(message.startsWith(`line ${line}: hub_endpoints.fallback`)).toBe(true);
  });
});
