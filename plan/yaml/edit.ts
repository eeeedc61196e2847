// Edits of files that are not ours: scrape jobs for a hub, dual-hub settings for an agent. All else stays, byte for byte.
import { CST, Lexer } from 'yaml';
import type { FileEdit } from '../machine-api/files.ts';
import { lineOf } from './lines.ts';
import { canonical, parseMap, parted, same, settingsOf, UneditableYaml, type Settings } from './document.ts';
import { endsInBlockScalar } from './offsets.ts';
import { anchorsAt, isWritten, setItem, setKey } from './splice.ts';

/**
 * The text with the edit made; made twice, it changes nothing more. Jobs are known by job_name. Of the four dual-hub
 * blocks, only the keys in question are set: other keys of the same blocks are the agent's own.
 * Throws UneditableYaml, with the line, when the text is not YAML or would come to mean anything else.
 */
export function applyEdit(text: string, edit: FileEdit): string {
  const [mark, rest] = parted(text);
  const steps = edit.kind === 'scrape-jobs' ? jobSteps(edit.jobs) : keySteps(edit.settings);
  refuseOddBreaks(rest);
  let now = { text: rest, settings: settingsOf(text) };
  for (const step of steps) {
    const settings = step.wanted(now.settings);
    if (same(settings, now.settings) && step.stands(now.text)) continue;
    if (endsInBlockScalar(now.text))
      throw new UneditableYaml(text.split('\n').length, 'the last line of the file has no end: add a newline');
    now = { text: written(text, now.text, step), settings };
    if (meaning(now.text) !== canonical(settings) || !step.stands(now.text))
      throw refused(text, step, whyOthersChange(text, step));
  }
  return mark + now.text;
}

const layout =
  "the edit can't be made in this layout without changing other settings: write the file in block style, one setting a line";

/** Readers of YAML 1.1, such as PyYAML, see the end of a line where others see a character of it. */
function refuseOddBreaks(text: string): void {
  const at = text.search(/\r(?!\n)|[\u0085\u2028\u2029]/);
  if (at < 0) return;
  const code = text.charCodeAt(at).toString(16).toUpperCase().padStart(4, '0');
  throw new UneditableYaml(
    text.slice(0, at).split('\n').length,
    `the character U+${code} ends a line for some readers of YAML and not for others: put an ordinary line end in its place, or a space`,
  );
}

function whyOthersChange(text: string, { path }: Step): string {
  const [anchor] = anchorsAt(text, path);
  return anchor === undefined
    ? layout
    : `the value with the anchor &${anchor} is used elsewhere in the file, where it must not change: write it out there`;
}

/** One value or one job: how it is written, and what the settings are with it. */
interface Step {
  path: string[];
  /** Whether a value that is as wanted is written so that every reader takes it for that. */
  stands: (text: string) => boolean;
  write: (text: string) => string;
  wanted: (before: Settings) => Settings;
}

function written(original: string, text: string, step: Step): string {
  try {
    return step.write(text);
  } catch (error) {
    if (error instanceof UneditableYaml) throw refused(original, step, error.reason);
    throw error;
  }
}

/** With the line in the file as it is, whatever was put in before. */
function refused(original: string, { path }: Step, reason: string): UneditableYaml {
  const { document, lines } = parseMap(original);
  return new UneditableYaml(lineOf(document, lines, path), reason);
}

function jobSteps(jobs: { job_name: string }[]): Step[] {
  const block = 'scrape_configs';
  return jobs.map((job) => ({
    path: [block],
    stands: () => true,
    write: (text) => setItem(text, block, 'job_name', { ...job }),
    wanted: (before) => {
      const found = before[block];
      const list = Array.isArray(found) ? ([...found] as { job_name: string }[]) : [];
      const index = list.findIndex((candidate) => candidate?.job_name === job.job_name);
      if (index < 0) list.push(job);
      else list[index] = job;
      return { ...before, [block]: list };
    },
  }));
}

function keySteps(settings: object): Step[] {
  const blocks = Object.entries(settings as Record<string, Record<string, string | number>>);
  return blocks.flatMap(([block, values]) =>
    Object.entries(values).map(([key, value]) => ({
      path: [block, key],
      stands: (text: string) => isWritten(text, block, key, value),
      write: (text: string) => setKey(text, block, key, value),
      wanted: (before: Settings) => ({ ...before, [block]: { ...(before[block] as Settings | null), [key]: value } }),
    })),
  );
}

/** Top-level keys whose values differ between two texts. */
export function changedKeys(before: string, after: string): string[] {
  const [a, b] = [settingsOf(before), settingsOf(after)];
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((key) => !same(a[key], b[key]));
}

/**
 * What is there before and not after, by its path: settings, whose values may be others only in these blocks, and comments. What is new outside of
 * the blocks is named as well.
 */
export function lostBetween(before: string, after: string, blocks: string[]): string[] {
  const [a, b] = [settingsOf(before), settingsOf(after)];
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  const lost = keys.flatMap((key) => {
    if (blocks.includes(key)) return key in a ? goneFrom(key, a[key], b[key]) : [];
    return same(a[key], b[key]) ? [] : [key];
  });
  return commentsKept(before, after) ? lost : [...lost, 'a comment'];
}

function goneFrom(path: string, before: unknown, after: unknown): string[] {
  if (after === undefined) return [path];
  if (!isMap(before)) return [];
  return Object.entries(before).flatMap(([key, value]) =>
    goneFrom(`${path}.${key}`, value, isMap(after) ? after[key] : undefined),
  );
}

function isMap(value: unknown): value is Settings {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether every comment is still there, in the same order. */
export function commentsKept(before: string, after: string): boolean {
  const comments = commentsOf(after);
  let from = 0;
  return commentsOf(before).every((comment) => {
    const at = comments.indexOf(comment, from);
    from = at + 1;
    return at >= 0;
  });
}

/** A "#" in a value begins none. The mark of the lexer says that the next is a value. */
function commentsOf(text: string): string[] {
  const tokens = [...new Lexer().lex(text)];
  return tokens.filter((token, index) => token.startsWith('#') && tokens[index - 1] !== CST.SCALAR);
}

/** The canonical form of what a text means; null when it is not YAML. */
function meaning(text: string): string | undefined | null {
  try {
    return canonical(settingsOf(text));
  } catch (error) {
    if (error instanceof UneditableYaml) return null;
    throw error;
  }
}
