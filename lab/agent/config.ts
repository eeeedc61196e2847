// Reads the agent's YAML: a valid AgentConfig, or errors that name file, line, path, what was found and what is allowed.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { LineCounter, parseDocument, isMap, type Document } from 'yaml';
import { z } from 'zod';
import { type Access, accessKeys } from './access.ts';
import type { Role } from './failover.ts';
import { natsAccessKeys } from './nats-access.ts';

const seconds = z.number().positive().max(86_400).describe('a number of seconds above 0, at most 86400');
const count = z.number().int().min(1).max(1000).describe('a whole number from 1 to 1000');
const httpUrl = z
  .url({ protocol: /^https?$/ })
  .transform((url) => url.replace(/\/+$/, ''))
  .describe('an http:// or https:// URL');
const natsUrl = z.url({ protocol: /^(nats|tls)$/ }).describe('a nats:// or tls:// URL');
const subject = z
  .string()
  .regex(/^[\w-]+(\.[\w-]+)*$/)
  .describe('a NATS subject without wildcards, as observability.health.cluster');

const path = z.string().startsWith('/').describe('an absolute path');

/** Of whom, and what. */
const accessKey = new RegExp(`^(?:central|primary|fallback|pushgateway|peer)_(?:${accessKeys.join('|')})$`);

/** The keys that every week writes. */
const failoverOfTheWeek = {
  health_check_interval: seconds.default(30),
  max_retries: count.default(3),
  failover_threshold: count.default(3),
  recovery_timeout: seconds.default(300),
};

const Yaml = z.strictObject({
  agent: z.strictObject({
    name: z
      .string()
      .regex(/^[A-Za-z][\w-]{0,62}$/)
      .describe('a name of letters, digits, _ and -, at most 63 long'),
    kind: z.enum(['observability_hub', 'resource_manager', 'unified_utils_agent', 'bystander', 'strict_agent']),
    listen: z
      .strictObject({
        host: z.string().min(1).describe('an address of this machine, or 0.0.0.0'),
        port: z.number().int().min(0).max(65_535).describe('a port number'),
        cert_file: path.optional(),
        key_file: path.optional(),
        credentials_file: path.optional(),
      })
      .refine(({ cert_file: cert, key_file: key }) => (cert === undefined) === (key === undefined), {
        path: ['key_file'],
      }),
  }),
  hub_url: httpUrl,
  push_interval: seconds,
  ack_log: path,
  peer_health: z.strictObject({ url: httpUrl, interval: seconds }).optional(),
  hub_endpoints: z.strictObject({ primary: httpUrl, fallback: httpUrl, pushgateway: httpUrl.optional() }).optional(),
  hub_access: z
    .record(z.string().regex(accessKey), z.string().min(1))
    .optional()
    .describe('with what hubs, Pushgateway and peer are asked, such as primary_ca_file'),
  failover_config: z
    .strictObject({
      ...failoverOfTheWeek,
      probe_interval: seconds.default(1),
      probe_timeout: seconds.default(1),
      batch_timeout: seconds.default(1),
    })
    .prefault({}),
  nats: z
    .strictObject({
      nats_url: natsUrl,
      health_subject: subject,
      metrics_subject: subject,
      publish_interval: seconds.default(2),
    })
    .optional(),
  nats_access: z
    .partialRecord(z.enum(natsAccessKeys), z.string().min(1))
    .optional()
    .describe('with what NATS is connected to, such as ca_file'),
  environment: z.strictObject({ OBS_HUB_URL: httpUrl.optional() }).prefault({}),
});

/** It starts on no other keys than those, as a program whose settings are a closed list. */
const StrictYaml = Yaml.extend({ failover_config: z.strictObject(failoverOfTheWeek).prefault({}) });

export type AgentConfig = ReturnType<typeof toConfig>;

/** A configuration that can't be used. The message has a line for each problem, as `FILE:LINE: PATH: found X; allowed: Y`. */
export class InvalidConfig extends Error {
  override name = 'InvalidConfig';
}

/**
 * Reads and validates a configuration file. `env` is the process's environment: its OBS_HUB_URL wins over the file's.
 * `digest` is the sha256 of the file's text, in hex. Throws InvalidConfig.
 */
export function readConfig(file: string, env: NodeJS.ProcessEnv): { config: AgentConfig; digest: string } {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new InvalidConfig(`${file}: the configuration can't be read: ${(error as Error).message}`);
  }
  return { config: parseConfig(text, file, env), digest: createHash('sha256').update(text).digest('hex') };
}

/** As readConfig, from text; `file` is only for the messages. */
export function parseConfig(text: string, file: string, env: NodeJS.ProcessEnv): AgentConfig {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0) {
    throw new InvalidConfig(
      document.errors.map((error) => `${file}:${lines.linePos(error.pos[0]).line}: ${error.message}`).join('\n'),
    );
  }
  const input: unknown = document.toJS();
  const schema = valueAt(input, ['agent', 'kind']) === 'strict_agent' ? StrictYaml : Yaml;
  const parsed = schema.safeParse(input);
  if (parsed.success) return toConfig(Yaml.parse(input), env);
  const problems = parsed.error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ path: [...issue.path, key], found: 'an unknown key', at: issue.path }))
      : [{ path: issue.path, found: show(valueAt(input, issue.path)), at: issue.path }],
  );
  throw new InvalidConfig(
    problems
      .map(
        ({ path, found, at }) =>
          `${file}:${lineOf(document, lines, path)}: ${path.join('.') || 'the file'}: found ${found}; allowed: ${allowedAt(schema, at)}`,
      )
      .join('\n'),
  );
}

function toConfig(yaml: z.infer<typeof Yaml>, env: NodeJS.ProcessEnv) {
  const failover = yaml.failover_config;
  const { host, port, ...guard } = yaml.agent.listen;
  const hubs: { role: Role; url: string }[] = yaml.hub_endpoints
    ? [
        { role: 'primary', url: yaml.hub_endpoints.primary },
        { role: 'fallback', url: yaml.hub_endpoints.fallback },
      ]
    : [{ role: 'central', url: yaml.hub_url }];
  return {
    name: yaml.agent.name,
    kind: yaml.agent.kind,
    host,
    port,
    /** With what it answers, and what whoever asks has to tell. */
    guard,
    /** 1: one hub; 2: a primary and a fallback. */
    phase: yaml.hub_endpoints ? (2 as const) : (1 as const),
    /** The hub to prefer comes first. */
    hubs,
    pushIntervalMs: yaml.push_interval * 1000,
    ackLog: yaml.ack_log,
    peer: yaml.peer_health ? { url: yaml.peer_health.url, intervalMs: yaml.peer_health.interval * 1000 } : null,
    pushgateway: yaml.hub_endpoints?.pushgateway ?? null,
    /** By role; the Pushgateway has its own. */
    access: accessBy(yaml.hub_access ?? {}),
    failover: {
      healthCheckIntervalMs: failover.health_check_interval * 1000,
      maxRetries: failover.max_retries,
      failoverThreshold: failover.failover_threshold,
      recoveryTimeoutMs: failover.recovery_timeout * 1000,
      probeIntervalMs: failover.probe_interval * 1000,
      probeTimeoutMs: failover.probe_timeout * 1000,
      batchTimeoutMs: failover.batch_timeout * 1000,
    },
    nats: yaml.nats
      ? {
          url: yaml.nats.nats_url,
          healthSubject: yaml.nats.health_subject,
          metricsSubject: yaml.nats.metrics_subject,
          publishIntervalMs: yaml.nats.publish_interval * 1000,
          access: yaml.nats_access ?? {},
        }
      : null,
    obsHubUrl: env['OBS_HUB_URL'] ?? yaml.environment.OBS_HUB_URL ?? null,
  };
}

function accessBy(told: Record<string, string>): Partial<Record<string, Access>> {
  const found: Record<string, Access> = {};
  for (const [key, value] of Object.entries(told)) {
    const at = key.indexOf('_');
    const role = key.slice(0, at);
    found[role] = { ...found[role], [key.slice(at + 1)]: value };
  }
  return found;
}

function valueAt(input: unknown, path: PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | null | undefined)?.[key], input);
}

function show(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 80);
}

/** What the schema allows at a path, in words: the keys of a section, the values of a choice, or the description. */
function allowedAt(yaml: z.ZodType, path: PropertyKey[]): string {
  type JsonSchema = { description?: string; enum?: string[]; properties?: Record<string, JsonSchema> };
  const root = z.toJSONSchema(yaml, { io: 'input' }) as JsonSchema;
  const schema = path.reduce<JsonSchema | undefined>((at, key) => at?.properties?.[String(key)], root);
  return (
    schema?.description ?? schema?.enum?.join(', ') ?? `the keys ${Object.keys(schema?.properties ?? {}).join(', ')}`
  );
}

/** The line of the key at the path, or of its nearest parent that is there. */
function lineOf(document: Document, lines: LineCounter, path: PropertyKey[]): number {
  let line = 1;
  let node: unknown = document.contents;
  for (const key of path) {
    const pair = isMap(node) ? node.items.find((item) => (item.key as { value?: unknown }).value === key) : undefined;
    if (!pair) return line;
    line = lines.linePos((pair.key as { range: [number, number, number] }).range[0]).line;
    node = pair.value;
  }
  return line;
}
