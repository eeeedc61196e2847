// Secrets in any text, line by line. Pure.
import { withoutAddresses } from './addresses.ts';
import { behindBlank } from './blank.ts';
import { continued, type End, hiddenTo } from './continued.ts';
import { isMark, type Mark } from './mark.ts';
import { isHarmless, isNamedSecret } from './named.ts';
import { nobody, type Ours } from './ours.ts';
import { withoutSettings } from './settings.ts';

/** Most texts have none of these, and so no secret. */
const worthALook =
  /pass|pw|psk|kennw|secret|token|cred|auth|key|cookie|jwt|hook|dsn|sig|bearer|basic|api.?url|slack|connection|data.?source|:(?:\\*\/){2}|login|mysql|mariadb|redis-cli|@|%(?:25)*2f|smbclient|ldap|mongo|mosquitto|zip|ipmi|otp|seed|dockerconfig|sess|identified|:\d+:|-u|--user|\$[12567abxy]|\$argon|\/bot\d|gl(?:sa|c)_|hvs\.|npm_|[sr]k[-_]|aiza|xapp|eyj|gh[pousr]_|github_pat|glpat|xox|s[acnoux][a-z2-7]{56}/i;

/** Of TLS, SSH, PGP; and what NATS has in a file of credentials. */
const privateKey =
  /-----BEGIN (?:[A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?|NATS [A-Z]+ JWT|[A-Z]+ NKEY SEED)-----[\s\S]*?(?:-----END [A-Z0-9 ]*-----|(?![\s\S]))/g;

/**
 * Text with a mark for each secret. Done twice, it changes nothing more; no line comes or goes, but for those of a private key. Lines below a
 * secret's key that are indented deeper are its value: in all of the text, or in its comments where those of the rest are known.
 */
export function redacted(
  text: string,
  mark: Mark,
  valuesBelow: 'everywhere' | 'in comments' = 'everywhere',
  ours: Ours = nobody,
): string {
  if (!worthALook.test(text)) return text;
  const once: Mark = (secret) => (isMark(secret) ? secret : mark(secret));
  let open: Open | undefined;
  let end: End | undefined;
  return text
    .replaceAll(privateKey, once)
    .split('\n')
    .map((line) => {
      if (line.trim() === '') return line;
      if (end) {
        const { hidden, next } = hiddenTo(end, line, (words) => below(words, once));
        end = next;
        return hidden;
      }
      if (open && isComment(line) === open.isComment && columnOf(line) > open.column) return below(line, once);
      open = valuesBelow === 'everywhere' || isComment(line) ? opened(line, ours) : undefined;
      if (valuesBelow === 'everywhere') end = continued(line);
      return withoutSettings(behindBlank(withoutAddresses(line, once), once, ours), once, ours);
    })
    .join('\n');
}

/** A line with what it says, but for blanks around it and the sign of a difference, replaced. */
export function hiddenLine(line: string, mark: Mark): string {
  const end = line.trimEnd();
  const [before = ''] = /^[+-]?\s*/.exec(end) ?? [];
  const words = end.slice(before.length);
  return words === '' || isMark(words) ? line : before + mark(words) + line.slice(end.length);
}

/** A secret's key, below which its value may go on. */
interface Open {
  column: number;
  isComment: boolean;
}

/** Where a line begins, but for the dashes of lists and the signs of comments and differences. */
function columnOf(line: string): number {
  const column = line.search(/[^\s+#-]/);
  return column < 0 ? line.search(/\S/) : column;
}

function isComment(line: string): boolean {
  return /^[\s+-]*#/.test(line);
}

const key = /^[\s+#-]*["']?([\w.$][\w.$ -]{0,100}?)["']?\s*[:=]/;
const lastKey = /(?<![\w.$-])([\w.$-]+)["']?\s*[:=](?:\s+[&!]\S*)*\s*(?:[|>][-+\d]*)?$/;

function opened(line: string, ours: Ours): Open | undefined {
  const text = line.trimEnd();
  const names = [key.exec(text)?.[1] ?? '', lastKey.exec(text)?.[1] ?? ''];
  return names.some((name) => isNamedSecret(name, ours))
    ? { column: columnOf(line), isComment: isComment(line) }
    : undefined;
}

/** A line of such a value; a setting in it whose own value is a mark, or tells nothing, shows its name. */
function below(line: string, mark: Mark): string {
  const [, sign = '', words = ''] = /^([\s+#-]*)([^]*)$/.exec(line.trimEnd()) ?? [];
  const value = words.replace(/^["']?[\w.$-]+["']?\s*:\s+/, '').replace(/,$/, '');
  const isPlain = isMark(value) || isHarmless('', value.replaceAll(/["']/g, '')) || /^[[\]{}]*$/.test(value);
  return isPlain ? line : sign + mark(words) + line.slice(sign.length + words.length);
}
