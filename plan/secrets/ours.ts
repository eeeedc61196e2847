// What our own data calls things by. These names are compared with the plan's, so they stay as they are. Pure.

/** Names of agents, machines and what else is ours: "webhook_agent: no answer" tells no secret. */
export type Ours = ReadonlySet<string>;
export const nobody: Ours = new Set();

const naming = new Set(
  'name names image images digest container containers machine agent program programs job jobs instance binds stream streams target peer pilots restarted'.split(
    ' ',
  ),
);

/** Whether what is called so is the name of something: an image `token-server:latest` is no setting. */
export function isNaming(key: string): boolean {
  return naming.has(key);
}

/** What is the key of a secret wherever it stands. */
const common = /^(?:passw(?:or)?d|passphrase|secret|token|credential|auth|authorization|api[-_]?key|cookie)s?$/i;

/** The names in a plan, in what an activity is asked, in an undo. */
export function namesOf(data: unknown, key = ''): Set<string> {
  if (typeof data === 'string') {
    const names = isNaming(key) && !data.startsWith('/') ? [data, imageOf(data)] : [];
    return new Set(names.filter((name) => !common.test(name)));
  }
  if (data === null || typeof data !== 'object') return new Set();
  const inner = Array.isArray(data) ? data.map((item): [string, unknown] => [key, item]) : Object.entries(data);
  return new Set(inner.flatMap(([name, value]) => [...namesOf(value, name)]));
}

/** "registry:5000/ops/vault-token:1.2" → "vault-token". */
function imageOf(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1).replace(/[:@].*$/s, '');
}
