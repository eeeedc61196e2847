// What logs call their levels, in words and in numbers. Pure.

/** Warnings are no errors. */
export type Level = 'error' | 'other';

/** The last are those of Java and PostgreSQL on a machine that speaks German, French, Spanish or Italian. */
const errors =
  'error erro eror err fatal fata ftl critical crit crt severe alert emergency emerg dpanic panic pani fehler schwerwiegend panik erreur grave'.split(
    ' ',
  );
const others =
  'trace trac trc verbose vrb debug debu dbug dbg information informational info inf notice warning warn wrn warnung hinweis avertissement infos advertencia avvertenza'.split(
    ' ',
  );

/** Those that are known as levels wherever they stand at the head of a line. */
export const levelWords = [...errors, ...others];

/** These only as the value of a level's key. */
const errorValues = new Set([...errors, 'failure', 'fail', 'fault', 'e', 'f', 'c']);
const otherValues = new Set([
  ...others,
  ...'fine finer finest config success default log silly http t v d i n w'.split(' '),
]);

/** `ERROR+2`, `D1` and `Err` too. null: no level. */
export function levelOfWord(word: string): Level | null {
  const bare = /^[a-z]+/i.exec(word)?.[0].toLowerCase() ?? '';
  if (errorValues.has(bare)) return 'error';
  return otherValues.has(bare) ? 'other' : null;
}

/** Where errors begin, by who counts so. syslog, and GELF with it, has the worst lowest. */
const scales = {
  syslog: 3,
  slog: 8,
  openTelemetry: 17,
  python: 40,
  bunyan: 50,
  monolog: 400,
  logback: 40_000,
};

const scaleOfKey: Record<string, keyof typeof scales> = {
  priority: 'syslog',
  syslogseverity: 'syslog',
  severitynumber: 'openTelemetry',
  levelno: 'python',
  levelnumber: 'python',
  no: 'python',
  levelvalue: 'logback',
};

/** `key` in lower case, letters only; a plain `level` is known by its size. */
function scaleOf(number: number, key: string): keyof typeof scales {
  const named = scaleOfKey[key];
  if (named) return named;
  if (number >= 10_000) return 'logback';
  if (number >= 100) return 'monolog';
  if (number >= 10) return 'bunyan';
  return number >= 8 || number < 0 ? 'slog' : 'syslog';
}

export function levelOfNumber(number: number, key: string): Level {
  const scale = scaleOf(number, key);
  const isError = scale === 'syslog' ? number <= scales.syslog : number >= scales[scale];
  return isError ? 'error' : 'other';
}

/** The number that an error has where this one stands. */
export function errorNumberLike(number: number, key: string): number {
  return scales[scaleOf(number, key)];
}

/** How an error is spelt where this level stands: `INF` is `ERR`, `i` is `e`. */
export function errorWordLike(word: string): string {
  const error = word.length === 1 ? 'e' : word.length === 3 ? 'err' : /^debu$/i.test(word) ? 'erro' : 'error';
  if (word === word.toUpperCase()) return error.toUpperCase();
  return /^[A-Z]/.test(word) ? error.charAt(0).toUpperCase() + error.slice(1) : error;
}
