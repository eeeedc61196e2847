// Secrets with nothing but a blank between them and their name, where that is no sentence: `requirepass x`, `login ada password 'x'`. Pure.
import { hasMark, type Mark } from './mark.ts';
import { isHarmless, isNamedSecret } from './named.ts';
import { nobody, type Ours } from './ours.ts';

/** A setting is all that its line has, as Redis, netrc, .properties, Docker and shells write it. */
const alone =
  /^([\s+#;>-]*(?:(?:export|set|setenv|ENV|ARG)[ \t]+)?["']?(\.?\w[\w.-]*)["']?[ \t]+)((["'])(?:(?!\4).)+\4|[^\s"'=:{}()<>[\]|&,;-][^\s"',;]*)(?=;?[ \t]*(?:#.*)?\r?$)/;
const inQuotes = /(?<![\w.$-])(([\w.-]+)["']?[ \t]+(?:is[ \t]+|was[ \t]+)?)((["'])((?:\\.|(?!\4).)+)\4)/g;
const afterBy = /\b(IDENTIFIED BY[ \t]+["'])([^"']+)/gi;
/** With letters and digits: a word of a sentence is none. */
const mixed = String.raw`(?=\S*[a-z])(?=\S*\d)`;
const inSentence = new RegExp(
  String.raw`\b((?:passw(?:or)?d|passphrase|passcode|pwd)[ \t]+(?:is[ \t]+|was[ \t]+)?)${mixed}([^\s"',;:/\[]{6,})|\b((?:token|secret|credentials?)[ \t]+(?:is[ \t]+|was[ \t]+)?)${mixed}([\w+=-]{20,})(?![\w:./])`,
  'gi',
);

/** Names that are words of English, too: "token refreshed", "password 'x'". */
const isWord =
  /^(?:pass|password|passphrase|passcode|secrets?|tokens?|auth|credentials?|authorization|cookies?|webhooks?|signature|bearer)$/i;
const isProse =
  /^(?:[a-z]+(?:ed|ing)|ok|up|down|on|off|in|is|was|not|missing|invalid|wrong|valid|unset|set|sent|gone|error|failure)$/;
/** What in quotes is not a name of something: `secret "hub-tls" not found`. */
const isPassword = /passw|pass$|passphrase|passcode|pwd|authorization|requirepass/i;

export function behindBlank(line: string, mark: Mark, ours: Ours = nobody): string {
  const isSecret = (name: string, value: string) =>
    isNamedSecret(name, ours) && !hasMark(value) && !isHarmless(name, value) && !isProse.test(value);
  return line
    .replace(alone, (all, before: string, name: string, given: string, quote = '') => {
      const value = quote ? given.slice(1, -1) : given;
      const isSure = quote !== '' || !isWord.test(name) || /[^a-z]/.test(value);
      return isSure && isSecret(name, value) && !/^\d{1,3}$/.test(value) ? before + quote + mark(value) + quote : all;
    })
    .replaceAll(inQuotes, (all, before: string, name: string, _, quote: string, value: string) =>
      (isPassword.test(name) || /[\w][._-]\w/.test(name)) && isSecret(name, value)
        ? before + quote + mark(value) + quote
        : all,
    )
    .replaceAll(afterBy, (_, before: string, value: string) => before + mark(value))
    .replaceAll(inSentence, (all, before = '', value = '', named = '', token = '') =>
      hasMark(value || token) ? all : before ? before + mark(value) : named + mark(token),
    );
}
