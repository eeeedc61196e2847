// The page of requirements has the rows, kinds and numbers of the packaged plan.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { reportOf } from '../../plan/report/report.ts';
import type { Plan } from '../../plan/schema/plan.ts';
import { readPlan } from '../../plan/schema/read.ts';
import { initialState } from '../../plan/week/initial-state.ts';

const root = new URL('../../', import.meta.url);
const file = (path: string) => readFileSync(new URL(path, root), 'utf8');
const page = file('docs/requirements.md');
const planText = file('plan/week1.yaml');
const plan = readPlan(planText, 'week1.yaml');

/** Rows of the tables that have a kind: | `2A.config.global` | step | text | numbers |. */
const rows = [...page.matchAll(/^\| `([^`]+)` \| (\w+) \| (.+) \| ?(.*?) ?\|$/gm)].map(
  ([, id = '', kind = '', text = '', numbers = '']) => ({ id, kind, text, numbers }),
);
/** Rows of the tables without one, which explain ids with parts in capitals, or name more. */
const explained = [...page.matchAll(/^\| (`[^|]+) \| ([^|]+) \|$/gm)].flatMap(([line]) =>
  [...line.matchAll(/`([^`]+)`/g)].map(([, id = '']) => id).filter((id) => id.includes('.')),
);

test('the page has the rows of a report, each with its kind', () => {
  expect(rows.map(({ id, kind }) => `${id} ${kind}`).sort()).toEqual(
    requirementsOf(plan)
      .map(({ id, kind }) => `${id} ${kind}`)
      .sort(),
  );
});

test('rows that other trials bring are explained', () => {
  const more = { ...plan, faults: { ...plan.faults, trials: { stop: 2, kill: 1, hang: 1, blackhole: 2 } } };
  const known = new Set(rows.map(({ id }) => id));
  const brought = requirementsOf(more)
    .map(({ id }) => id)
    .filter((id) => !known.has(id));
  expect(brought).toHaveLength(5);
  expect(brought.filter((id) => !explains('2D.failover.WAY-N', id) && !explains('2D.failover.WAY', id))).toEqual([]);
  expect(explained).toContain('2D.failover.WAY-N');
});

test('the page shows the numbers of the packaged plan', () => {
  const source: unknown = parse(planText);
  const shown = rows.flatMap(({ id, numbers }) =>
    numbers.split('; ').flatMap((pair) => {
      const [, key, value] = /^`([^`]+)` = (.+)$/.exec(pair) ?? [];
      return key ? [{ id, key, value }] : pair === '' ? [] : [{ id, key: pair, value: 'not "`key` = value"' }];
    }),
  );
  expect(shown.length).toBeGreaterThan(100);
  expect(shown.map(({ id, key, value }) => `${id}: ${key} = ${value}`)).toEqual(
    shown.map(({ id, key }) => `${id}: ${key} = ${spelled(valueAt(source, key))}`),
  );
});

function requirementsOf(of: Plan) {
  const state = initialState({
    plan: of,
    planDigest: '',
    run: 'run',
    startedBy: 'test',
    startedAt: 0,
    rehearsal: null,
  });
  return reportOf(state, 0).requirements;
}

/** Whether an id is of a pattern, whose parts in capitals stand for any name, and whose star for the rest. */
function explains(pattern: string, id: string): boolean {
  const parts = pattern
    .split(/([.-])/)
    .map((part) => (/^[A-Z]+$|^\*$/.test(part) ? '.+' : part.replace(/\W/g, '\\$&')));
  return new RegExp(`^${parts.join('')}$`).test(id);
}

/** `services.edgehub.port.host`: things of a list go by their names, or by their place where they have none. */
function valueAt(source: unknown, key: string): unknown {
  return key.split('.').reduce<unknown>((at, part) => {
    if (!Array.isArray(at)) return (at as Record<string, unknown> | undefined)?.[part];
    return at.find((one: { name?: string }) => one.name === part) ?? at[Number(part)];
  }, source);
}

function spelled(value: unknown): string {
  return Array.isArray(value) ? value.join(' ') : String(value);
}
