// The house keeps its rules: who may name a task, a step or a kind of service, and that nobody decides by parsing an id.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { kpis } from '../../plan/evidence/kpis.ts';
import { Service } from '../../plan/schema/plan.ts';
import { taskNames } from '../../plan/tasks/names.ts';
import { stepsOf, undoRows } from '../../plan/tasks/steps.ts';
import { plan } from '../client/fixtures.ts';

const root = join(import.meta.dirname, '../..');
const rooms = ['plan', 'workflows', 'activities', 'workers', 'client', 'lab'];
/** A task's own folders, and the registry. */
const ofTasks =
  /^(plan\/tasks\/(?!shared\/)[a-z]+\/|workflows\/tasks\/(?!shared\/|contract)|plan\/tasks\/(names|index)\.ts$)/;

const files = rooms.flatMap((room) =>
  readdirSync(join(root, room), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(room, file)),
);

/** Code alone: without comments and imports. */
function codeOf(file: string): string {
  return readFileSync(join(root, file), 'utf8')
    .replace(/^(import|export) [^;]*? from '[^']*';$/gms, '')
    .replace(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, '');
}

/** What is quoted in a file, template parts as they stand. */
function textsIn(file: string): string[] {
  return [...codeOf(file).matchAll(/'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`/g)].map(
    ([, single, double, template]) => single ?? double ?? template ?? '',
  );
}

const kinds = Service.options.map((option) => option.shape.kind.value as string);
const ids = [...stepsOf(plan), ...undoRows(taskNames)].map(({ id }) => id);
/** "2D.deploy.", and what else all ids of a family begin with. */
const families = [...new Set(ids.map((id) => `${id.split('.')[0]}.`))];
const names = new Set<string>([...taskNames, ...kinds, ...ids]);
const isName = (text: string) =>
  names.has(text) || families.some((family) => text.startsWith(family) && !text.includes(' '));

/** Who names one all the same, and why. This list may only become shorter. */
const allowed: Record<string, { names: string[]; why: string }> = {
  'plan/report/older.ts': {
    names: ['2D.${name}.new', '2D.deploy.${name}.', '2D.impact.', 'preflight.topology'],
    why: 'ids as the first build had them',
  },
  'plan/tasks/row.ts': { names: ['soak'], why: "a key of the plan's watch, not the task" },
  'client/commands/preflight.ts': { names: ['preflight'], why: 'the command and the workflow of that name' },
  'client/week/start.ts': { names: ['soak'], why: "the label of the plan's watch.soak" },
  'lab/phase1.ts': { names: ['central-hub', 'edge-hub'], why: 'the lab builds what is there before the week' },
  'lab/images.ts': { names: ['central-hub', 'edge-hub', 'nats', 'pushgateway'], why: 'the lab makes the images' },
  'lab/image-build.ts': { names: ['nats', 'pushgateway'], why: 'the lab makes the images' },
};

it('names tasks, steps and kinds of services in the tasks alone', () => {
  const found = Object.fromEntries(
    files
      .filter((file) => !ofTasks.test(file))
      .map((file) => [file, [...new Set(textsIn(file).filter(isName))].sort()] as const)
      .filter(([, said]) => said.length > 0),
  );
  expect(found).toEqual(Object.fromEntries(Object.entries(allowed).map(([file, { names: few }]) => [file, few])));
});

/** An id that is taken apart or matched: `row.id.startsWith(…)`, `/…/.test(windowId)`, `step.split('.')`, `endsWith(` ${id}`)`. */
const id = String.raw`(?:\w*[iI]d|\w*[sS]tep)`;
const methods = 'startsWith|endsWith|includes|split|slice|match|replace|replaceAll|search|indexOf|substring|at|charAt';
const parsing = new RegExp(
  [
    String.raw`\b${id}\b\??(?:\.(?:${methods})\(|\[\d)`,
    String.raw`\.(?:test|exec)\((?:\w+\.)*${id}\b`,
    String.raw`(?:startsWith|endsWith|includes)\(\`[^\`]*\$\{(?:\w+\.)*${id}\}`,
    String.raw`\`[^\`]*\$\{(?:\w+\.)*(?:id|step)\}[^\`]*\`\.(?:startsWith|includes)`,
  ].join('|'),
  'g',
);
/**
 * Where something comes off an id for people, ids of containers and notices; the ledger, which knows no more of an entry than the id of
 * its step; and reports of builds in which rows said nothing of themselves. This list may only become shorter.
 */
const parsers: Record<string, number> = {
  'plan/report/kpis.ts': 1,
  'plan/report/older.ts': 5,
  'plan/tasks/shared/container.ts': 1,
  'plan/week/notice.ts': 1,
  'plan/week/undo.ts': 1,
};

it('decides nothing by parsing an id', () => {
  const found = Object.fromEntries(
    files.map((file) => [file, codeOf(file).match(parsing)?.length ?? 0] as const).filter(([, count]) => count > 0),
  );
  expect(found).toEqual(parsers);
});

it('has no number of a task outside the tasks, quoted or not', () => {
  const named = files.filter((file) => !ofTasks.test(file) && /\b2[A-D]\b|\b2\[[A-D]/.test(codeOf(file)));
  expect(named).toEqual(['plan/report/older.ts']);
});

/** Who reaches into a task's own folder from outside, and for what. This list may only become shorter. */
const reaching: Record<string, string[]> = {
  'activities/agents/config.ts': ['plan/tasks/pilots/dual-hub.ts'],
  'activities/agents/deploy.ts': ['plan/tasks/pilots/dual-hub.ts'],
  'lab/phase1.ts': ['plan/tasks/preflight/schema.ts'],
  // The union of kinds, and the keys that tasks bring.
  'plan/schema/plan.ts': ['edgehub', 'messaging', 'pilots', 'preflight', 'pushgateways'].map(
    (task) => `plan/tasks/${task}/schema.ts`,
  ),
  'plan/tasks/shared/gateways.ts': ['plan/tasks/pushgateways/schema.ts'],
  'plan/tasks/shared/hubs.ts': ['plan/tasks/edgehub/schema.ts', 'plan/tasks/preflight/schema.ts'],
  'plan/tasks/shared/nats.ts': ['plan/tasks/messaging/schema.ts'],
  'workflows/emergency/diagnosis.ts': ['plan/tasks/pilots/primary-hub.ts'],
  'workflows/tasks/shared/asks.ts': ['plan/tasks/preflight/central-hub.ts'],
  'workflows/tasks/shared/impact.ts': ['plan/tasks/preflight/central-hub.ts'],
};

it('reaches into the folders of tasks from nowhere else', () => {
  const found = files
    .filter((file) => !ofTasks.test(file))
    .map((file) => {
      const inside = [...readFileSync(join(root, file), 'utf8').matchAll(/from '([^']*)'/g)]
        .map(([, path = '']) => join(file, '..', path))
        .filter((path) => /^(plan|workflows)\/tasks\/(?!shared\/)[a-z]+\//.test(path));
      return [file, inside.sort()] as const;
    })
    .filter(([, inside]) => inside.length > 0);
  expect(Object.fromEntries(found)).toEqual(reaching);
});

it('has a place for each KPI', () => {
  expect(kpis.map(({ place }) => place)).toEqual(kpis.map((_, index) => index + 1));
});
