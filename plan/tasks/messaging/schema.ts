// NATS servers and their streams in the plan.
import { z } from 'zod';
import { Duration } from '../../schema/duration.ts';
import { absolutePath, container, name, Port, subject } from '../../schema/fields.ts';

/** A NATS server with JetStream: 2C.*. */
export const NatsServer = z.strictObject({
  kind: z.literal('nats'),
  ...container,
  ports: z.strictObject({ client: Port, monitor: Port, cluster: Port }),
  configFile: name,
  logFile: absolutePath.describe('as the container sees it'),
  store: absolutePath.describe('JetStream storage, as the container sees it'),
});

export type NatsServer = z.infer<typeof NatsServer>;

const Stream = z.strictObject({
  name,
  subjects: z.array(subject).min(1),
  maxAge: Duration,
  replicas: z.number().int().min(1).max(5),
  storage: z.literal('file'),
  duplicateWindow: Duration,
  publishes: z.array(subject).min(1).describe('the subjects that the week uses, each tested for its routing'),
  consumers: z.array(name).min(1).describe('durable consumers'),
});

export type Stream = z.infer<typeof Stream>;

/** How messages cross the machines. */
export const Messaging = z.strictObject({
  cluster: name,
  topology: z.enum(['pair', 'arbiter']),
  syncInterval: z.union([z.literal('always'), Duration]),
  connectWithin: Duration,
  formWithin: Duration,
  streams: z.array(Stream).min(1),
  healthSubject: subject,
  latencySamples: z.number().int().min(20),
  testMessages: z.number().int().min(10).max(1000).describe('messages a functional test publishes'),
});
