// What a NATS server's configuration has of certificates, users and encryption: nothing, where the plan has nothing. No secret either: those
// are variables of a file that it includes.
import type { SecretKind } from '../../machine-api/access.ts';
import type { Plan } from '../../schema/plan.ts';
import type { NatsUser } from '../../schema/nats-access.ts';
import { configDirectory } from '../shared/config-directory.ts';
import { permissionsOf } from './permissions.ts';
import type { NatsServer } from './schema.ts';

export const users = ['week', 'agents'] as const;

/** As NATS' configuration refers to them. */
const encryptionKey = 'jetstream_key';
const passwordOf = (user: (typeof users)[number]) => `${user}_password`;

/** The variables that `secretsFile` must have, and no others: NATS takes no settings that it does not know. */
export function secretsWanted({ messaging }: Plan): Record<string, SecretKind> {
  const withPassword = users.filter((user) => messaging.users?.[user].basicAuth);
  return {
    ...(messaging.encryption && { [encryptionKey]: 'key' as const }),
    ...Object.fromEntries(withPassword.map((user) => [passwordOf(user), 'hash' as const])),
  };
}

/** Files of its machine that it names: they are mounted into its container. */
export function readsOf({ messaging: { tls: certificates, secretsFile } }: Plan): string[] {
  return [...Object.values(certificates ?? {}), ...(secretsFile ? [secretsFile] : [])];
}

/** NATS takes the path from its configuration's directory, whatever it begins with. */
export function included({ messaging: { secretsFile } }: Plan, server: NatsServer): string {
  if (!secretsFile) return '';
  const up = configDirectory(server)
    .mount.split('/')
    .filter(Boolean)
    .map(() => '..');
  return `include ${quoted(`${up.join('/')}${secretsFile}`)}\n`;
}

/** Of routes both ends show a certificate, which a server wants by itself. */
export function tls({ messaging }: Plan, indent = ''): string {
  if (!messaging.tls) return '';
  const { caFile, certFile, keyFile } = messaging.tls;
  const lines = [
    'tls {',
    `  cert_file: ${quoted(certFile)}`,
    `  key_file: ${quoted(keyFile)}`,
    `  ca_file: ${quoted(caFile)}`,
    '  timeout: 5',
    '}',
  ];
  return lines.map((line) => `${indent}${line}\n`).join('');
}

export function encryption({ messaging }: Plan): string {
  return messaging.encryption ? `  cipher: ${messaging.encryption}\n  key: $${encryptionKey}\n` : '';
}

/** One account, with what its users may do. Whoever is none of them is refused. */
export function accounts(plan: Plan): string {
  const { users: known, account, cluster } = plan.messaging;
  if (!known) return '';
  const permissions = permissionsOf(plan);
  return `
accounts {
  ${quoted(account ?? cluster)} {
    jetstream: enabled
    users: [
${users.map((user) => userOf(user, known[user], permissions[user])).join('')}    ]
  }
}
`;
}

function userOf(
  name: (typeof users)[number],
  { nkey, basicAuth }: NatsUser,
  { publish, subscribe }: ReturnType<typeof permissionsOf>['week'],
): string {
  const login = nkey
    ? [`nkey: ${quoted(nkey.publicKey)}`]
    : [`user: ${quoted(basicAuth!.username)}`, `password: $${passwordOf(name)}`];
  const lines = [
    '{',
    ...login.map((line) => `  ${line}`),
    '  permissions {',
    ...allowed('publish', publish),
    ...allowed('subscribe', subscribe),
    '  }',
    '}',
  ];
  return lines.map((line) => `      ${line}\n`).join('');
}

function allowed(what: string, subjects: string[]): string[] {
  return [
    `    ${what}: {`,
    '      allow: [',
    ...subjects.map((subject) => `        ${quoted(subject)}`),
    '      ]',
    '    }',
  ];
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
