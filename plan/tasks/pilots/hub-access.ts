// What pilots are told of how hubs and Pushgateways are asked, beside their URLs: names of users and servers, and paths of files.
import { type Access, asPrometheus } from '../../schema/access.ts';

/** Of whom, and what: keys of one block, since each is a line of its own in a file of others. */
export type HubAccess = Record<string, string>;

const roles = ['primary', 'fallback', 'pushgateway'] as const;
const told = [
  'ca_file',
  'cert_file',
  'key_file',
  'server_name',
  'username',
  'password_file',
  'credentials_file',
] as const;

/** Which an agent that is told so reads. */
export function filesTold(access: Record<string, string> = {}): string[] {
  return [...new Set(Object.entries(access).flatMap(([key, value]) => (key.endsWith('_file') ? [value] : [])))];
}

export const accessKeys: string[] = roles.flatMap((role) => told.map((what) => `${role}_${what}`));

/** Undefined where nobody of them wants anything. */
export function hubAccess(targets: Record<(typeof roles)[number], Access>): HubAccess | undefined {
  const keys = roles.flatMap((role) => {
    const { tls_config: tls, basic_auth: basic, authorization } = asPrometheus(targets[role]);
    return Object.entries({ ...tls, ...basic, ...authorization }).map(([key, value]) => [`${role}_${key}`, value]);
  });
  return keys.length > 0 ? (Object.fromEntries(keys) as HubAccess) : undefined;
}
