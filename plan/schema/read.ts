// Reads a plan's text: a valid Plan, or problems that name line, path, what was found and what is allowed.
import { LineCounter, parseDocument, type Document } from 'yaml';
import type { z } from 'zod';
import { foundText } from '../secrets/found.ts';
import { lineOf } from '../yaml/lines.ts';
import { Plan } from './plan.ts';
import { CheckedPlan } from './references.ts';
import { asVersionOne } from './versions.ts';

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

/** Throws InvalidPlan with every problem at once. `file` is only for the messages. */
export function readPlan(text: string, file: string): Plan {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0) {
    throw new InvalidPlan(
      file,
      document.errors.map((error) => ({ line: lines.linePos(error.pos[0]).line, path: '', message: error.message })),
    );
  }
  const input = asVersionOne(document.toJS());
  const parsed = CheckedPlan.safeParse(input, { reportInput: true });
  if (parsed.success) return parsed.data;
  throw new InvalidPlan(
    file,
    parsed.error.issues.flatMap((issue) => problemsOf(issue, document, lines, input)),
  );
}

function problemsOf(issue: z.core.$ZodIssue, document: Document, lines: LineCounter, input: unknown): Problem[] {
  const path = issue.path as (string | number)[];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const allowed = keysAt(path, input);
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
  return [
    {
      line: lineOf(document, lines, path),
      path: spell(path),
      message: `${issue.message}${issue.code === 'custom' ? ' is wanted' : ''}; found ${foundText(path, value, 60)}`,
    },
  ];
}

function spell(path: (string | number)[]): string {
  return path.map((part, index) => (typeof part === 'number' ? `[${part}]` : index === 0 ? part : `.${part}`)).join('');
}

/** The keys that the schema allows at a path; for a union, those of the member that the input's `kind` names. */
function keysAt(path: (string | number)[], input: unknown): string[] {
  let schema = unwrap(Plan);
  let value = input as Record<string | number, unknown> | undefined;
  for (const part of path) {
    value = value?.[part] as typeof value;
    const definition = schema._zod.def as {
      type: string;
      shape?: Record<string, z.core.$ZodType>;
      element?: z.core.$ZodType;
    };
    const next = definition.type === 'array' ? definition.element : definition.shape?.[part];
    if (!next) return [];
    schema = memberOf(unwrap(next), value);
  }
  return Object.keys((schema._zod.def as { shape?: object }).shape ?? {});
}

function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  const definition = schema._zod.def as { innerType?: z.core.$ZodType };
  return definition.innerType ? unwrap(definition.innerType) : schema;
}

function memberOf(schema: z.core.$ZodType, value: Record<string, unknown> | undefined): z.core.$ZodType {
  const { options, discriminator } = schema._zod.def as { options?: z.core.$ZodType[]; discriminator?: string };
  if (!options || !discriminator) return schema;
  const member = options.find((option) => {
    const literal = (option._zod.def as { shape?: Record<string, z.core.$ZodType> }).shape?.[discriminator];
    return literal?._zod.values?.has(value?.[discriminator] as string);
  });
  return member ?? schema;
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
