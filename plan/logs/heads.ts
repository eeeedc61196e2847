// The head of a log's line: when it was written, by whom, and the level that stands there as a word or a letter. Pure.
import type { Stated } from './fields.ts';
import { errorWordLike, levelOfWord, levelWords } from './levels.ts';

const clock = String.raw`\d{1,2}:\d\d(?::\d\d)?(?:[.,]\d{1,9})?(?:\s?[AP]M)?`;
const zone = String.raw`(?:\s?(?:Z|UTC|GMT|BST|CES?T|E[SD]T|C[SD]T|M[SD]T|P[SD]T|IST|JST|[+-]\d\d:?\d\d|[A-Z][a-z]{2,12}(?:/[A-Z][\w-]{2,30}){1,2}))?`;
const month = 'Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec';
const date = [
  String.raw`\d{4}[-/.]\d\d?[-/.]\d\d?`,
  String.raw`\d\d?[-/.]\d\d?(?:[-/.]\d{2,4})?`,
  String.raw`\d{8}`,
  String.raw`(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? )?(?:${month}) {1,2}\d\d?(?:,? \d{4})?`,
  String.raw`\d\d?[-/ ](?:${month})[-/ ]\d{2,4}`,
].join('|');
/** Since the start, as kernels and virtual machines count. */
const uptime = String.raw`\[\s{0,8}\d{1,8}\.\d{1,9}s?\]`;
const stamp = new RegExp(
  String.raw`^(?:${uptime}|[[(]?(?:(?:${date})[T ,_:]{1,2}${clock}${zone}(?: \d{4})?|${clock}${zone}|\d{10}(?:[.,]\d{1,9})?|\d{13}|\d{16})(?!\w)[\])]?(?:[:,]|\s[-|])?)\s?`,
);
/** klog and glog: the level's letter, month and day, time. */
const klog = /^([DIWEF])\d{4}(?:\d{4})?\s\d\d:\d\d:\d\d/;
const words = levelWords.join('|');
const composed = new RegExp(String.raw`^(?!(?:${words})\b)[\w.-]{1,60}\s{0,30}\|\s`, 'i');
/** What Go's own log has before the date. */
const prefix = new RegExp(
  String.raw`^(?!\W?(?:${words})\b)(?:[\w.-]{1,40}:|\[[\w .-]{1,40}\])\s{1,2}(?=\d{4}[-/]\d\d[-/]\d\d[T ]\d)`,
  'i',
);
const criStream = /^(?:stdout|stderr) [FP] /;
const priority = /^<(\d{1,3})>(1\s)?/;
/** Host, program, process and message of RFC 5424, and its structured data. */
const senderByRfc = /^(?:\S{1,255} ){4}(?:-|\[[^\]]{0,500}\])\s/;
const program = String.raw`(?!(?:${words}|\w*(?:Error|Exception))\b)[\w./@()-]{1,80}`;
const facilities = 'kern|user|mail|daemon|auth|authpriv|syslog|lpr|news|uucp|cron|ftp|local[0-7]';
const host = String.raw`(?!(?:${words})\s|(?:${facilities})\.)[\w.-]{1,80}\s`;
/** Host and program, as syslog has them; elsewhere a program only with its process. */
const sender = new RegExp(String.raw`^${host}${program}(?:\[\d+\])?:\s`, 'i');
const withProcess = new RegExp(String.raw`^(?:${host})?${program}\[\d+\]:\s`, 'i');

export interface Head {
  /** It says when: another entry begins here. */
  timed: boolean;
  /** Where what it says begins. */
  at: number;
  /** Severity of a syslog daemon, which may be that of all its lines. */
  severity: number | null;
}

export function headOf(text: string): Head {
  const head: Head = { timed: false, at: 0, severity: null };
  const take = (found: RegExpExecArray | null) => {
    head.at += found?.[0].length ?? 0;
    return found !== null;
  };
  const rest = () => text.slice(head.at, head.at + 300);
  take(composed.exec(rest()));
  take(prefix.exec(rest()));
  const said = priority.exec(rest());
  if (take(said)) head.severity = Number(said?.[1]) % 8;
  for (let times = 0; times < 2; times += 1) {
    const bsd = /^[A-Z]/.test(rest());
    if (klog.test(rest())) return { ...head, timed: true };
    if (!take(stamp.exec(rest()))) break;
    head.timed = true;
    if (take(criStream.exec(rest())) || (said?.[2] && take(senderByRfc.exec(rest())))) continue;
    if (!(bsd || said) || !take(sender.exec(rest()))) take(withProcess.exec(rest()));
  }
  return head;
}

const inHead = 120;
const capitals = new RegExp(String.raw`(?<![\w=./-])(?:${words.toUpperCase()})(?![\w=.-])`);
/** Behind a channel, as Monolog has it, or a mark. */
const ofChannel = new RegExp(String.raw`(?<=^(?:[\w-]{1,40}\.|\|?-))(?:${words.toUpperCase()})(?=:?\s)`);
/** Of GLib: `(hub:12): Gtk-CRITICAL **: …`. */
const ofDomain = new RegExp(String.raw`(?<=^(?:\([^)]{1,60}\): )?[\w.-]{1,40}-)(?:${words.toUpperCase()})(?= \*\*)`);
/** In small letters only where brackets or separators say that it is one. */
const apart = new RegExp(
  String.raw`(?<=^|[[<|\t:]|[[|:]\s|\s-\s)(?:${words})(?=\s{0,9}\]|\s?[>|\t:]|\s-\s|!|\[\d|\(\w{1,40}\):\s)`,
  'i',
);
/** Behind a name in brackets, or a sign: `[hub] error: …`. */
const behindName = new RegExp(String.raw`(?<=(?:\]|[^\0-\x7f])\s{1,2})(?:${words})(?=:\s|\s{2,9}\S)`, 'i');
/** With one: `[main/ERROR]`, `[hub#error]`. */
const besideName = new RegExp(String.raw`(?<=\[[\w .@:-]{1,40}[/#,])(?:${words})(?=\s{0,9}\])`, 'i');
/** As the first word behind a time; some are what programs write about. */
const plainly = levelWords.filter((word) => !['alert', 'emergency', 'emerg', 'panic'].includes(word));
const atFront = new RegExp(String.raw`^(?:${[...plainly, ...plainly.map(capitalized)].join('|')})(?=\s)`);
const facility = new RegExp(String.raw`(?<=\b(?:${facilities})\.)[a-z]+(?=\s)`);
const failed = /^fail(?=:\s)/;
const letters = [
  /(?<=^\[)[DIWEFC](?=\s\d)/,
  /(?<=^(?:\[[^\]]{1,40}\]\s?){0,3}\[)[TVDIWEFC](?=\]\s)/,
  /^[DIWEF](?=, \[)/,
  /^[VDIWEF](?=\/[\w.-])/,
];
/** Behind a time: MongoDB before 4.4, Telegraf, and logcat with its process and thread. */
const letterBehindTime = /(?<=^|^\s{0,4}\d{1,7}\s{1,6}\d{1,7}\s)[VDIWEF](?=!?\s)/;

/** The first word or letter in a line's head that is a level; `calm` is the line with its harmless counters blanked. */
export function levelInHead(text: string, { at, timed }: Head, calm: string): Stated | null {
  const letter = klog.exec(text.slice(at, at + inHead));
  if (letter) return stated(text, at, letter[1]!);
  const zoned = calm.slice(at, at + inHead);
  const indent = /^\s*/.exec(zoned)![0].length;
  const shown = zoned.slice(indent);
  const patterns = [
    capitals,
    ofChannel,
    ofDomain,
    apart,
    behindName,
    besideName,
    facility,
    failed,
    ...letters,
    ...(timed ? [atFront, letterBehindTime] : []),
  ];
  const [first] = patterns
    .map((pattern) => pattern.exec(shown))
    .filter((found) => found !== null)
    .sort((one, other) => one.index - other.index || other[0].length - one[0].length);
  return first ? stated(text, at + indent + first.index, first[0]) : null;
}

function stated(text: string, at: number, word: string): Stated {
  const level = levelOfWord(word) ?? 'other';
  return {
    level,
    at,
    raised: () => (level === 'error' ? text : text.slice(0, at) + errorWordLike(word) + text.slice(at + word.length)),
  };
}

function capitalized(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
