// The reference of the plan has a row for every key of the schema, with its default and the packaged value, and none for other keys.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { Duration, Size } from '../../plan/schema/duration.ts';
import { percent, port } from '../../plan/schema/fields.ts';
import { Plan } from '../../plan/schema/plan.ts';
import { type InvalidPlan, readPlan } from '../../plan/schema/read.ts';
import { unwrap } from '../../plan/schema/shape.ts';

interface Row {
  values: string;
  fallback: string;
  packaged: string;
}

const file = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const rows = rowsOf(file('docs/plan-reference.md'));
const schemas = keysOf(Plan, '');
const keys = new Map(schemas.map(([key, schema]) => [key, fallbackOf(schema)]));

test('the reference has a row for every key of the plan', () => {
  expect([...keys.keys()].filter((key) => !rows.has(key))).toEqual([]);
});

test('the reference names no key that the plan does not have', () => {
  expect([...rows.keys()].filter((key) => !keys.has(key))).toEqual([]);
});

test('the reference says of every key whether it is required, optional, or what its default is', () => {
  const said = [...rows].map(([key, { fallback }]) => `${key}: ${fallback}`);
  expect(said).toEqual([...rows.keys()].map((key) => `${key}: ${keys.get(key)}`));
});

test('the reference says of every key which values it takes', () => {
  const silent = schemas.flatMap(([key, schema]) => {
    const wanted = wantedOf(unwrap(schema));
    const { values = '' } = rows.get(key) ?? {};
    return wanted.filter((word) => !values.includes(word)).map((word) => `${key}: ${word}, not "${values}"`);
  });
  expect(silent).toEqual([]);
  expect(schemas.flatMap(([, schema]) => wantedOf(unwrap(schema))).length).toBeGreaterThan(150);
});

test('the reference shows the values of the packaged plan', () => {
  const plan: unknown = parse(file('plan/week1.yaml'));
  const shown = [...rows].filter(([key, { packaged }]) => !key.includes('[]') && packaged !== '');
  expect(shown.length).toBeGreaterThan(60);
  expect(shown.map(([key, { packaged }]) => `${key}: ${packaged}`)).toEqual(
    shown.map(([key]) => `${key}: ${spelled(valueAt(plan, key))}`),
  );
});

test('the reference shows what is said of a plan that is broken', () => {
  const broken = file('plan/week1.yaml')
    .replace('  log: 5m\n', '  log: 5\n')
    .replace('  observation:', '  observaton:');
  expect(saidOf(broken, '/etc/hubshift/broken.yaml')).toContain('watch.observaton');
  expect(file('docs/plan-reference.md')).toContain(
    `The plan can't be used:\n${saidOf(broken, '/etc/hubshift/broken.yaml')}\n\`\`\``,
  );
});

function saidOf(plan: string, name: string): string {
  try {
    readPlan(plan, name);
    return 'nothing';
  } catch (error) {
    return (error as InvalidPlan).message;
  }
}

/** Rows of tables whose first cell is a key in backticks: | `watch.log` | unit | default | in week 1 | meaning | task |. */
function rowsOf(markdown: string): Map<string, Row> {
  const cells = markdown.split('\n').flatMap((line) => {
    const [, key, values = '', fallback = '', packaged = ''] =
      /^\| `([^`]+)` \|([^|]*)\| ([^|]*) \| ([^|]*?) ?\|/.exec(line) ?? [];
    return key ? [[key, { values: plain(values), fallback: plain(fallback), packaged: plain(packaged) }] as const] : [];
  });
  return new Map(cells);
}

/** Every key below a schema, as `agents[].functions[].path`, with its own; of a union once for each member. */
function keysOf(schema: z.core.$ZodType, path: string): [key: string, schema: z.core.$ZodType][] {
  const { shape, element, options, innerType, valueType } = schema._zod.def as {
    shape?: Record<string, z.core.$ZodType>;
    element?: z.core.$ZodType;
    options?: z.core.$ZodType[];
    innerType?: z.core.$ZodType;
    valueType?: z.core.$ZodType;
  };
  if (innerType) return keysOf(innerType, path);
  if (element) return keysOf(element, `${path}[]`);
  if (valueType) return keysOf(valueType, `${path}.NAME`);
  if (options) return options.flatMap((option) => keysOf(option, path));
  return Object.entries(shape ?? {}).flatMap(([name, inner]): [string, z.core.$ZodType][] => {
    const key = path === '' ? name : `${path}.${name}`;
    return [[key, inner], ...keysOf(inner, key)];
  });
}

/** Words that must stand beside a key: its unit, the values that it may have, its bounds. */
function wantedOf(schema: z.core.$ZodType): string[] {
  if (schema === Duration) return ['duration'];
  if (schema === Size) return ['size'];
  if (schema === percent) return ['percent'];
  if (schema instanceof z.ZodEnum) return Object.values(schema.def.entries).map(String);
  if (schema instanceof z.ZodLiteral) return schema.def.values.map(String);
  if (schema instanceof z.ZodBoolean) return ['true', 'false'];
  if (schema instanceof z.ZodArray) {
    const { element } = schema.def;
    return [
      ...(schema.safeParse([]).success ? [] : ['at least one']),
      ...(element instanceof z.ZodEnum ? wantedOf(element) : []),
    ];
  }
  if (!(schema instanceof z.ZodNumber)) return [];
  const { minValue, maxValue } = schema;
  if (maxValue === port.maxValue) return ['port'];
  const least = minValue === 0 && !schema.safeParse(0).success ? 1 : minValue;
  const bounds = [least, maxValue].filter((bound) => bound !== null && bound > 0 && bound < Number.MAX_SAFE_INTEGER);
  return bounds.map(String);
}

function fallbackOf(schema: z.core.$ZodType): string {
  const said = z.globalRegistry.get(schema)?.['fallback'];
  if (typeof said === 'string') return said;
  const definition = schema._zod.def as { type: string; defaultValue?: unknown };
  if (['default', 'prefault'].includes(definition.type)) return spelled(definition.defaultValue);
  return definition.type === 'optional' ? 'optional' : 'required';
}

function valueAt(plan: unknown, key: string): unknown {
  return key.split('.').reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], plan);
}

function spelled(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function plain(cell: string): string {
  return cell.replaceAll('`', '').trim();
}
