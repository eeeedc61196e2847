// NATS servers and their streams in the plan.
import { z } from 'zod';
import { Duration, Size } from '../../schema/duration.ts';
import { absolutePath, container, derived, name, Port, subject } from '../../schema/fields.ts';
import { NatsTls, NatsUsers } from '../../schema/nats-access.ts';

const someSize = Size.refine((bytes) => bytes > 0, 'a size above zero');

/** A NATS server with JetStream: 2C.*. */
export const NatsServer = z.strictObject({
  kind: z.literal('nats'),
  ...container,
  ports: derived(z.strictObject({ client: derived(Port), monitor: derived(Port), cluster: derived(Port) })),
  configFile: derived(name),
  logFile: derived(absolutePath).describe('as the container sees it'),
  store: derived(absolutePath).describe('JetStream storage, as the container sees it'),
  jetstream: z
    .strictObject({ maxFileStore: someSize.optional(), maxMemoryStore: Size.optional() })
    .optional()
    .describe('how much JetStream may store'),
});

export type NatsServer = z.infer<typeof NatsServer>;

const Stream = z.strictObject({
  name,
  subjects: z.array(subject).min(1),
  maxAge: Duration.prefault('24h'),
  maxBytes: someSize.optional().describe('of each replica: beyond it the oldest messages go'),
  replicas: derived(z.number().int().min(1).max(5)),
  storage: z.literal('file').prefault('file'),
  duplicateWindow: Duration.prefault('5m'),
  publishes: derived(z.array(subject).min(1)).describe('the subjects that the week uses, each tested for its routing'),
  consumers: derived(z.array(name).min(1)).describe('durable consumers'),
});

export type Stream = z.infer<typeof Stream>;

/** How messages cross the machines. */
export const Messaging = z.strictObject({
  cluster: name.prefault('resilience-cluster'),
  topology: derived(z.enum(['pair', 'arbiter'])),
  syncInterval: z.union([z.literal('always'), Duration]).prefault('always'),
  connectWithin: Duration.prefault('5s'),
  formWithin: Duration.prefault('30s'),
  tls: NatsTls.optional(),
  users: NatsUsers.optional(),
  account: name.optional().describe('in which the streams are; called as the cluster, where nothing else is said'),
  encryption: z.enum(['chachapoly', 'aes']).optional().describe('of what JetStream stores'),
  secretsFile: absolutePath.optional().describe('what of passwords and keys the servers must know'),
  streams: derived(z.array(Stream).min(1)),
  healthSubject: subject.prefault('observability.health.cluster'),
  latencySamples: z.number().int().min(20).prefault(1000),
  testMessages: z.number().int().min(10).max(1000).prefault(50).describe('messages a functional test publishes'),
});
