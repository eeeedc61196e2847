// How a hub, a Pushgateway or an agent is asked: scheme, path prefix, TLS and login, by Prometheus' own names in the plan's spelling.
import { z } from 'zod';
import { absolutePath } from './fields.ts';

export const file = absolutePath.describe("a file of the asking worker's machine");
export const variable = z
  .string()
  .regex(/^[A-Z][A-Z0-9_]*$/, 'the name of an environment variable, such as HUBSHIFT_HUB_PASSWORD');

const TlsConfig = z
  .strictObject({
    caFile: file.optional().describe('who signed its certificate, where the machine itself trusts nobody who did'),
    certFile: file.optional().describe('the certificate with which it is asked'),
    keyFile: file.optional().describe('its key'),
    serverName: z.string().min(1).optional().describe("the name in its certificate, where that is not the machine's"),
  })
  .refine(({ certFile, keyFile }) => (certFile === undefined) === (keyFile === undefined), {
    path: ['keyFile'],
    error: 'the key of certFile, or neither of them,',
  });

const basicAuthBy = (username: z.ZodString) =>
  z
    .strictObject({ username, passwordFile: file.optional(), passwordEnv: variable.optional() })
    .refine(({ passwordFile, passwordEnv }) => (passwordFile === undefined) !== (passwordEnv === undefined), {
      path: ['passwordFile'],
      error: 'a file, or passwordEnv in the place of it,',
    });

export const BasicAuth = basicAuthBy(z.string().min(1));

/** By HTTP the first colon ends it. */
const HttpBasicAuth = basicAuthBy(
  z
    .string()
    .regex(/^[^:\p{Cc}]+$/u, 'a name without ":", behind which HTTP has the password, and without control characters'),
);

const Authorization = z
  .strictObject({ credentialsFile: file.optional(), credentialsEnv: variable.optional() })
  .refine(({ credentialsFile, credentialsEnv }) => (credentialsFile === undefined) !== (credentialsEnv === undefined), {
    path: ['credentialsFile'],
    error: 'a file, or credentialsEnv in the place of it,',
  });

/** Nothing of it is filled in: a plan that says nothing asks by http, at /, and says nothing of itself. */
export const access = {
  scheme: z.enum(['http', 'https']).optional(),
  pathPrefix: z
    .string()
    .regex(/^(\/[^/?#\s]+)+$/, 'a path that begins with "/" and does not end with it, such as /prometheus')
    .optional()
    .describe('before its own paths'),
  tlsConfig: TlsConfig.optional(),
  basicAuth: HttpBasicAuth.optional(),
  authorization: Authorization.optional().describe('a bearer token'),
};

export type Access = { [K in keyof typeof access]?: z.infer<(typeof access)[K]> };

/** What a request needs beside its URL. */
export type Credentials = Pick<Access, 'tlsConfig' | 'basicAuth' | 'authorization'>;

export function credentialsOf({ tlsConfig, basicAuth, authorization }: Access): Credentials {
  return {
    ...(tlsConfig && { tlsConfig }),
    ...(basicAuth && { basicAuth }),
    ...(authorization && { authorization }),
  };
}

/** With its files where `at` says that they are. */
export function withFiles(
  { tlsConfig, basicAuth, authorization }: Credentials,
  at: (path: string) => string,
): Credentials {
  return {
    ...(tlsConfig && { tlsConfig: filesAt(tlsConfig, at) }),
    ...(basicAuth && { basicAuth: filesAt(basicAuth, at) }),
    ...(authorization && { authorization: filesAt(authorization, at) }),
  };
}

export function filesAt<T extends Record<string, string | undefined>>(named: T, at: (path: string) => string): T {
  return Object.fromEntries(
    Object.entries(named).map(([key, value]) => [key, value !== undefined && key.endsWith('File') ? at(value) : value]),
  ) as T;
}

/** Of the files that it names those that are there, each once. */
export function filesOfAccess({ tlsConfig, basicAuth, authorization }: Credentials): string[] {
  const { caFile, certFile, keyFile } = tlsConfig ?? {};
  const named = [caFile, certFile, keyFile, basicAuth?.passwordFile, authorization?.credentialsFile];
  return [...new Set(named.filter((path) => path !== undefined))];
}

export function variablesOfAccess({ basicAuth, authorization }: Credentials): string[] {
  return [basicAuth?.passwordEnv, authorization?.credentialsEnv].filter((name) => name !== undefined);
}

/** As Prometheus' configuration has it, for whoever asks by one. Variables are of the worker, and nobody else has them: see `references`. */
export function asPrometheus({ tlsConfig, basicAuth, authorization }: Credentials): PrometheusAccess {
  return {
    ...(tlsConfig && {
      tls_config: withoutNothing({
        ca_file: tlsConfig.caFile,
        cert_file: tlsConfig.certFile,
        key_file: tlsConfig.keyFile,
        server_name: tlsConfig.serverName,
      }),
    }),
    ...(basicAuth && {
      basic_auth: withoutNothing({ username: basicAuth.username, password_file: basicAuth.passwordFile }),
    }),
    ...(authorization && { authorization: withoutNothing({ credentials_file: authorization.credentialsFile }) }),
  };
}

export interface PrometheusAccess {
  tls_config?: Record<string, string>;
  basic_auth?: Record<string, string>;
  authorization?: Record<string, string>;
}

function withoutNothing(values: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
