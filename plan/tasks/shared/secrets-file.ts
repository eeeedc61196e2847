// Whether the file that the servers include has what they ask of it, and nothing else. Tells nothing of a value. Pure.
import type { SecretKind } from '../../machine-api/access.ts';

const comment = /^\s*(#|\/\/|$)/;
const assignment = /^\s*(?<name>\w+)\s*[:=]\s*"(?<value>[^"]*)"\s*;?\s*$/;
const bcrypt = /^\$2[abxy]\$\d\d\$[./A-Za-z0-9]{53}$/;

/** What is wrong, for people; undefined where it is well. */
export function wrongSecrets(text: string, wanted: Record<string, SecretKind>): string | undefined {
  const found = new Map<string, string>();
  for (const [index, line] of text.split('\n').entries()) {
    if (comment.test(line)) continue;
    const { name, value } = assignment.exec(line)?.groups ?? {};
    if (name === undefined || value === undefined) return `its line ${index + 1} is not NAME: "VALUE"`;
    if (!(name in wanted))
      return `its line ${index + 1} sets what no server asks for; wanted: ${Object.keys(wanted).join(', ')}`;
    found.set(name, value);
  }
  for (const [name, kind] of Object.entries(wanted)) {
    const value = found.get(name);
    if (!value) return `it has no ${name}`;
    if (kind === 'hash' && !bcrypt.test(value))
      return `its ${name} is no bcrypt hash ("htpasswd -nBC 10 NAME" makes one, behind the colon)`;
  }
  return undefined;
}
