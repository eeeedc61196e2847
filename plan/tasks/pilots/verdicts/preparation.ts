// Verdicts of what is prepared before a pilot is touched: backups, new configurations, their validation.
import { parse } from 'yaml';
import type { ConfigValidation, Preview } from '../../../machine-api/agents.ts';
import type { Written } from '../../../machine-api/files.ts';
import type { Evaluation } from '../../../week/record.ts';
import type { Access } from '../../../schema/access.ts';
import { type Plan, serviceOf, servicesOf } from '../../../schema/plan.ts';
import { uncheckedText } from '../../../week/warnings.ts';
import { subjectsFor } from '../../shared/nats.ts';
import { inconclusive, unless } from '../../shared/verdict.ts';

export function backedUp(
  found: { agent: string; sha256: string; original: string | null; backup: string }[],
): Evaluation {
  if (found.length === 0) return inconclusive('there is no pilot');
  return unless(
    found
      .filter(({ sha256, original }) => sha256 !== original)
      .map(({ agent, backup }) => `${agent}: ${backup} is not what the configuration is`),
    `${found.length} backups verified by digest`,
    Object.fromEntries(found.slice(0, 6).map(({ agent, sha256 }) => [agent, sha256.slice(0, 16)])),
  );
}

/**
 * What the pilots would get is what is wanted of them: EdgeHub first, CentralHub as fallback, the plan's numbers in seconds, and NATS. Held
 * against the plan itself, value by value, and not against what renders it.
 */
export function templateIs(plan: Plan) {
  return (found: { agent: string; machine: string; text: string }[]): Evaluation => {
    if (found.length === 0) return inconclusive('there is no template');
    const { failover } = plan.migration;
    const wanted = templateWanted(plan);
    return unless(
      found
        .flatMap(({ agent, machine, text }) => {
          const has = parse(text) as unknown;
          return [
            ...Object.entries(wanted).map(
              ([path, value]) =>
                valueAt(has, path) !== value &&
                `${agent}: ${path} is ${JSON.stringify(valueAt(has, path)) ?? 'missing'}; ${value ?? 'none'} is wanted`,
            ),
            ...chosenFor(plan, machine).map(
              ({ path, from, what }) =>
                !from.includes(String(valueAt(has, path))) &&
                `${agent}: ${path} is ${JSON.stringify(valueAt(has, path)) ?? 'missing'}; ${what} is wanted: ${from.join(', ')}`,
            ),
          ];
        })
        .filter(Boolean)
        .slice(0, 4),
      `primary ${wanted['hub_endpoints.primary']}, fallback ${wanted['hub_endpoints.fallback']}, check every ${failover.healthCheckInterval / 1000} s x ${failover.maxRetries}, threshold ${failover.failoverThreshold}`,
      {
        recoveryTimeoutS: failover.recoveryTimeout / 1000,
        threshold: failover.failoverThreshold,
        retries: failover.maxRetries,
      },
    );
  };
}

/** Undefined: it must not be there, since there are agents that refuse it. */
function templateWanted(plan: Plan): Record<string, string | number | undefined> {
  const { failover, env } = plan.migration;
  const [edge, central] = [serviceOf(plan, 'edge-hub'), serviceOf(plan, 'central-hub')];
  const primary = hubAt(edge, edge.port.host);
  return {
    'hub_endpoints.primary': primary,
    'hub_endpoints.fallback': hubAt(central, central.port),
    'failover_config.health_check_interval': failover.healthCheckInterval / 1000,
    'failover_config.max_retries': failover.maxRetries,
    'failover_config.failover_threshold': failover.failoverThreshold,
    'failover_config.recovery_timeout': failover.recoveryTimeout / 1000,
    'failover_config.probe_interval': inSeconds(failover.probeInterval),
    'failover_config.probe_timeout': inSeconds(failover.probeTimeout),
    'failover_config.batch_timeout': inSeconds(failover.batchTimeout),
    'nats.health_subject': plan.messaging.healthSubject,
    ...(env.via === 'yaml' && { [`environment.${env.name}`]: primary }),
    ...(plan.migration.access && { ...told('primary', edge), ...told('fallback', central), ...toldOfNats(plan) }),
  };
}

function inSeconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / 1000;
}

/** How a hub is asked, by the names in a pilot's file. */
function told(role: string, { tlsConfig, basicAuth, authorization }: Access): Record<string, string> {
  const all = {
    ca_file: tlsConfig?.caFile,
    cert_file: tlsConfig?.certFile,
    key_file: tlsConfig?.keyFile,
    server_name: tlsConfig?.serverName,
    username: basicAuth?.username,
    password_file: basicAuth?.passwordFile,
    credentials_file: authorization?.credentialsFile,
  };
  const said = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(said.map(([key, value]) => [`hub_access.${role}_${key}`, value]));
}

/** The same of NATS. */
function toldOfNats({ messaging: { tls, users } }: Plan): Record<string, string> {
  const { nkey, basicAuth } = users?.agents ?? {};
  const all = {
    ca_file: tls?.caFile,
    nkey_seed_file: nkey?.seedFile,
    username: basicAuth?.username,
    password_file: basicAuth?.passwordFile,
  };
  const said = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(said.map(([key, value]) => [`nats_access.${key}`, value]));
}

function hubAt({ scheme, machine, pathPrefix }: Access & { machine: string }, port: number): string {
  return `${scheme ?? 'http'}://${machine}:${port}${pathPrefix ?? ''}`;
}

/** What is chosen by the agent's machine: its own server and Pushgateway where it has them, and its subject. */
function chosenFor(plan: Plan, machine: string): { path: string; from: string[]; what: string }[] {
  const beside = <S extends { machine: string }>(services: S[]) => {
    const own = services.filter((service) => service.machine === machine);
    return own.length > 0 ? own : services;
  };
  return [
    {
      path: 'nats.nats_url',
      from: beside(servicesOf(plan, 'nats')).map(
        (server) => `${plan.messaging.tls ? 'tls' : 'nats'}://${server.machine}:${server.ports.client.host}`,
      ),
      what: 'a server beside it',
    },
    {
      path: 'hub_endpoints.pushgateway',
      from: beside(servicesOf(plan, 'pushgateway')).map((gateway) => hubAt(gateway, gateway.port.host)),
      what: 'a Pushgateway beside it',
    },
    ...(plan.migration.access
      ? Object.entries(told('pushgateway', beside(servicesOf(plan, 'pushgateway'))[0] ?? {})).map(([path, value]) => ({
          path,
          from: [value],
          what: 'that of the Pushgateway beside it',
        }))
      : []),
    {
      path: 'nats.metrics_subject',
      from: subjectsFor(plan, machine),
      what: 'one that a stream takes for its machine',
    },
  ];
}

/** Of a key in a block: `nats.nats_url`. */
function valueAt(value: unknown, path: string): unknown {
  const dot = path.indexOf('.');
  const block = (value as Record<string, Record<string, unknown> | null> | null)?.[path.slice(0, dot)];
  return block?.[path.slice(dot + 1)];
}

/** The validator takes the good file and names the faulty line of the broken one. */
export function rejectsBroken(faultyLine: number) {
  return ({ good, broken }: { good: ConfigValidation; broken: ConfigValidation }): Evaluation =>
    unless(
      [
        !good.ours.ok && `a good file is refused: ${good.ours.message}`,
        broken.ours.ok && 'a broken file is accepted',
        !broken.ours.ok &&
          broken.ours.line !== faultyLine &&
          `the fault is in line ${faultyLine}; line ${broken.ours.line ?? '?'} is named`,
      ],
      `a broken file is refused: line ${broken.ours.line}: ${broken.ours.message}`,
      { line: broken.ours.line ?? null },
    );
}

export function newConfigIs(keys: string[]) {
  return (found: Written & { changedKeys: string[]; commentsKept: boolean }): Evaluation => {
    const other = found.changedKeys.filter((key) => !keys.includes(key));
    return unless(
      [other.length > 0 && `it changes ${other.join(', ')} too`, !found.commentsKept && 'comments or order were lost'],
      `${found.path}: ${found.changedKeys.join(', ') || 'as wanted already'}; the rest untouched`,
      { sha256: found.sha256.slice(0, 16), keys: found.changedKeys },
    );
  };
}

/** That an agent has no check of its own is told (`tells`): then nothing but our own schema has seen its new file before it is deployed. */
export function validates(found: { agent: string; is: ConfigValidation }[], tells = false): Evaluation {
  if (found.length === 0) return inconclusive('nothing was validated');
  const unchecked = found.filter(({ is }) => is.agents === null).map(({ agent }) => agent);
  return unless(
    found.flatMap(({ agent, is }) => [
      !is.ours.ok && `${agent}: line ${is.ours.line ?? '?'}: ${is.ours.message}`,
      is.agents && !is.agents.ok && `${agent} refuses it: ${is.agents.output.trim().split('\n').at(-1) ?? ''}`,
    ]),
    [
      `${found.length} files validate`,
      ...(unchecked.length < found.length
        ? [`${found.length - unchecked.length} loaded by their agent's own check`]
        : []),
      ...(tells && unchecked.length > 0 ? [`warning: ${uncheckedText(unchecked)}`] : []),
    ].join('; '),
    { files: found.length, ...(tells ? { unchecked: unchecked.length } : {}) },
  );
}

/**
 * Settings are added, or get another value; whatever is taken away would be more than the plan wants. Nothing changes of those that `had` all of it before, as
 * after another week: they are not moved. `lacks`: why the report has not what is going to be done.
 */
export function showsChanges(had: readonly string[] = [], lacks: string | null = null) {
  return (found: { agent: string; preview: Preview }[]): Evaluation => {
    if (found.length === 0) return inconclusive('nothing was previewed');
    return unless(
      found.flatMap(({ agent, preview }) => [
        whatGoes(agent, preview),
        preview.added === 0 && !had.includes(agent) && `${agent}: nothing would change`,
        preview.state !== 'RUNNING' && `${agent} is ${preview.state}`,
      ]),
      [
        found
          .slice(0, 4)
          .map(({ agent, preview }) =>
            preview.added === 0
              ? `${agent} has it already, and is not moved`
              : `${agent} +${preview.added}${preview.removed > 0 ? ` -${preview.removed}` : ''}`,
          )
          .join(', '),
        ...(lacks ? [`the report will lack it: ${lacks}`] : []),
      ].join('; '),
      Object.fromEntries(found.slice(0, 6).map(({ agent, preview }) => [agent, preview.added])),
    );
  };
}

/** A worker of before counts lines, of which one is gone as well where a value is replaced. */
function whatGoes(agent: string, { lost, removed }: Preview): string | null {
  if (!lost) return removed > 0 ? `${agent}: ${removed} lines would go` : null;
  return lost.length > 0 ? `${agent}: would be gone, or changed by others: ${lost.slice(0, 4).join(', ')}` : null;
}
