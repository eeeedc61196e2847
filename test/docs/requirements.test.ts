// The page of requirements has the rows, kinds and numbers of the packaged plan, and every id that a comment cites.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
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

/** What ids begin with. */
const families = new Set(rows.map(({ id }) => id.split('.')[0]));

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

const code = ['plan', 'workflows', 'activities', 'workers', 'client', 'lab', 'test', 'scripts'].flatMap((directory) =>
  linesIn(directory, /\.(ts|mjs|sh)$/, true),
);
const prose = ['.', 'docs', 'docs/monitoring', 'deploy', 'plan', 'test/plans'].flatMap((directory) =>
  linesIn(directory, /\.(md|ya?ml|service|conf|example)$/, false),
);

test('every id that a comment cites is on the page', () => {
  const onPage = [...rows.map(({ id }) => id), ...explained];
  const cited = code.flatMap(({ where, line }) => citedIn(commentOf(line)).map((id) => ({ where, id })));
  expect(cited.length).toBeGreaterThan(20);
  // An id, what ids of a family begin with, or one of another plan.
  const known = (id: string) =>
    onPage.some((one) => explains(id, one) || explains(`${id}.*`, one) || explains(one, id));
  expect(cited.filter(({ id }) => !known(id))).toEqual([]);
});

test('nothing cites a document that the repository does not have', () => {
  expect(prose.length).toBeGreaterThan(1_000);
  expect([...code, ...prose].filter(({ line }) => /\bSeed:|\b[Tt]he seed\b/.test(line))).toEqual([]);
});

function linesIn(directory: string, named: RegExp, recursive: boolean): { where: string; line: string }[] {
  return readdirSync(new URL(directory, root), { recursive, encoding: 'utf8' })
    .filter((path) => named.test(path))
    .map((path) => join(directory, path))
    .flatMap((path) =>
      file(path)
        .split('\n')
        .map((line, index) => ({ where: `${path}:${index + 1}`, line })),
    );
}

/** The comment at the end of a line, or the line of a longer one. */
function commentOf(line: string): string {
  return /(?:^|\s)(?:\/\/|\/\*\*?|\*|#)\s(.*)$/.exec(line)?.[1] ?? '';
}

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

/** Ids such as 2A.config.valid, also with parts in capitals (2D.deploy.NAME.fallback) or a star at the end (2A.config.*). */
function citedIn(comment: string): string[] {
  const anywhere = comment.match(/(?<![\w.`])(?:2[A-Z]|kpi|checkpoint|comms|nogo)\.[\w*][\w.*-]*/g) ?? [];
  const quoted = [...comment.matchAll(/`(\w+)(\.[\w.*-]+)`/g)].flatMap(([, family = '', rest]) =>
    families.has(family) ? [`${family}${rest}`] : [],
  );
  return [...anywhere, ...quoted]
    .map((id) => id.replace(/[.-]+$/, ''))
    .filter((id) => !/\.(ts|md|json|jsonl|yaml)$/.test(id));
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
