// Reads a plan's text: a valid Plan, or problems that name line, path, what was found and what is allowed.
import { LineCounter, parseDocument, type Document } from 'yaml';
import type { z } from 'zod';
import { foundText } from '../secrets/found.ts';
import { lineOf } from '../yaml/lines.ts';
import { Plan } from './plan.ts';
import { CheckedPlan } from './references.ts';
import { keysAt } from './shape.ts';
import { wholeOf, type Whole } from './whole.ts';

export interface Problem {
  line: number;
  /** As `services[1].port.host`. */
  path: string;
  message: string;
}

/** A plan that can't be used. The message lists every problem, one a line, as `FILE:LINE: PATH: …`. */
export class InvalidPlan extends Error {
  override name = 'InvalidPlan';
  constructor(
    readonly file: string,
    readonly problems: Problem[],
  ) {
    super(
      problems
        .map((problem) => `${file}:${problem.line}: ${problem.path ? `${problem.path}: ` : ''}${problem.message}`)
        .join('\n'),
    );
  }
}

export interface WholePlan extends Whole {
  plan: Plan;
}

export function readPlan(text: string, file: string): Plan {
  return readWhole(text, file).plan;
}

/** Throws InvalidPlan with every problem at once. `file` is only for the messages; a week begins with a `SoundPlan`. */
export function readWhole(text: string, file: string, wanted: typeof CheckedPlan = CheckedPlan): WholePlan {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0) {
    throw new InvalidPlan(
      file,
      document.errors.map((error) => ({ line: lines.linePos(error.pos[0]).line, path: '', message: error.message })),
    );
  }
  const whole = wholeOf(document.toJS());
  const parsed = wanted.safeParse(whole.input, { reportInput: true });
  if (parsed.success) return { ...whole, plan: parsed.data };
  throw new InvalidPlan(
    file,
    parsed.error.issues.flatMap((issue) => problemsOf(issue, document, lines, whole)),
  );
}

function problemsOf(
  issue: z.core.$ZodIssue,
  document: Document,
  lines: LineCounter,
  { input, origins }: Whole,
): Problem[] {
  const path = issue.path as (string | number)[];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const allowed = keysAt(Plan, path, input);
      const near = closest(key, allowed);
      const hint = near ? `did you mean "${near}"?` : `allowed: ${allowed.join(', ')}`;
      return {
        line: lineOf(document, lines, [...path, key]),
        path: spell([...path, key]),
        message: `unknown key; ${hint}`,
      };
    });
  }
  const value = path.reduce<unknown>((at, key) => (at as Record<string | number, unknown> | undefined)?.[key], input);
  const origin = origins.at(path);
  // What nobody has written is looked for in vain.
  const unwritten = value === undefined || origin === 'plan' ? '' : ` (${origin})`;
  return [
    {
      line: lineOf(document, lines, path),
      path: spell(path),
      message: `${wantedBy(issue)}; found ${foundText(path, value, 60)}${unwritten}`,
    },
  ];
}

/** What is there instead is told in our own words, without secrets. */
function wantedBy({ code, message }: z.core.$ZodIssue): string {
  if (code === 'custom') return `${message} is wanted`;
  return code === 'invalid_type' ? message.replace(/^Invalid input: (expected \w+), received .*/, '$1') : message;
}

function spell(path: (string | number)[]): string {
  return path.map((part, index) => (typeof part === 'number' ? `[${part}]` : index === 0 ? part : `.${part}`)).join('');
}

/** The allowed key nearest to what was typed, when it is near enough to be meant. */
function closest(typed: string, allowed: string[]): string | undefined {
  const ranked = allowed
    .map((key) => ({ key, distance: editDistance(typed.toLowerCase(), key.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best && best.distance <= Math.max(2, typed.length / 3) ? best.key : undefined;
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const substitution = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(substitution, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
