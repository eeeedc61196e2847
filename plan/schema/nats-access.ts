// How NATS is secured, in a plan: its certificates, and who may connect and as whom. Keys and files, never a secret.
import { z } from 'zod';
import { BasicAuth, file, filesAt, variable } from './access.ts';

const Nkey = z
  .strictObject({
    publicKey: z
      .string()
      .regex(/^U[A-Z2-7]{55}$/, 'the public key of a user, which begins with U: no secret, and not its seed'),
    seedFile: file.optional(),
    seedEnv: variable.optional(),
  })
  .refine(({ seedFile, seedEnv }) => (seedFile === undefined) !== (seedEnv === undefined), {
    path: ['seedFile'],
    error: 'a file, or seedEnv in the place of it,',
  });

const NatsUser = z
  .strictObject({ nkey: Nkey.optional(), basicAuth: BasicAuth.optional() })
  .refine(({ nkey, basicAuth }) => (nkey === undefined) !== (basicAuth === undefined), {
    path: ['nkey'],
    error: 'an nkey, or basicAuth in the place of it,',
  });

export type NatsUser = z.infer<typeof NatsUser>;

export const NatsUsers = z.strictObject({ week: NatsUser, agents: NatsUser });

/** Of the servers, for their clients and for each other. */
export const NatsTls = z.strictObject({
  caFile: file.describe('who signed their certificates'),
  certFile: file,
  keyFile: file,
});

export type NatsTls = z.infer<typeof NatsTls>;

/** What a connection needs beside its URL. */
export interface NatsCredentials extends NatsUser {
  caFile?: string;
}

export function credentialsOfNats({ caFile, nkey, basicAuth }: NatsCredentials): NatsCredentials {
  return { ...(caFile && { caFile }), ...(nkey && { nkey }), ...(basicAuth && { basicAuth }) };
}

/** With its files where `at` says that they are. */
export function natsFilesAt({ caFile, nkey, basicAuth }: NatsCredentials, at: (path: string) => string) {
  return credentialsOfNats({
    ...(caFile && { caFile: at(caFile) }),
    ...(nkey && { nkey: filesAt(nkey, at) }),
    ...(basicAuth && { basicAuth: filesAt(basicAuth, at) }),
  });
}
