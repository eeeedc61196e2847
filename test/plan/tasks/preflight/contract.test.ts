// What a pilot would be failed for once it is moved, it is failed for before.
import { expect, it } from 'vitest';
import type { Shown } from '../../../../plan/machine-api/agents.ts';
import { pilotsOf } from '../../../../plan/schema/plan.ts';
import { callableFirst } from '../../../../plan/tasks/preflight/functions.ts';
import { contractIsKnown, type Shows } from '../../../../plan/tasks/preflight/verdicts/contract.ts';
import { weekPlan } from '../plan.ts';

const plan = weekPlan();
const [hub, manager, utils] = pilotsOf(plan).map(({ name }) => name);
const shown = (value: unknown, found = true): Shown => ({ found, value, answers: true, waitedMs: 1 });
const shows = (agent = '', more: Partial<Shows> = {}): Shows => ({
  agent,
  pilot: true,
  health: true,
  log: true,
  activeHub: true,
  hubs: true,
  acks: true,
  nats: true,
  check: true,
  shown: shown({ status: 'ok' }),
  functions: [],
  ...more,
});
const judged = (...found: Shows[]) => contractIsKnown(plan)(found);
const answers = (memory: Shown) => [
  { name: 'system-memory', is: memory },
  { name: 'system-load', is: shown(0.4) },
];

it('passes pilots that answer as they should', () => {
  expect(judged(shows(hub), shows(manager, { functions: answers(shown('12.5')) }))).toMatchObject({ verdict: 'pass' });
});

it('fails a pilot whose functions are not as the plan has them', () => {
  const gone = { ...shown(null, false), answers: false, error: 'GET http://PC2:8102/system answered 404' };
  expect(judged(shows(hub), shows(manager, { functions: answers(gone) }))).toMatchObject({
    verdict: 'fail',
    summary: `${manager}: system-memory: GET http://PC2:8102/system answered 404`,
  });
  expect(judged(shows(manager, { functions: answers(shown('n/a')) }))).toMatchObject({
    verdict: 'fail',
    summary: `${manager}: system-memory answers "n/a"`,
  });
});

it('fails a pilot that answers, and says that it is not well, whatever it calls itself', () => {
  expect(judged(shows(hub, { shown: shown({ status: 'degraded' }) }))).toMatchObject({
    verdict: 'fail',
    summary: `${hub}: status degraded`,
  });
  expect(judged(shows(hub, { shown: shown({ status: 'ok', agent: 'edge-metrics/2.1' }) }))).toMatchObject({
    verdict: 'pass',
  });
});

it('calls nothing by POST, and says so', () => {
  const all = pilotsOf(plan).map((pilot) => callableFirst(pilot).map(({ name }) => name));
  expect(all).toEqual([[], ['system-memory', 'system-load'], []]);
  expect(judged(shows(utils))).toMatchObject({
    verdict: 'pass',
    summary: expect.stringContaining(
      `warning: ${utils} hash, ${utils} slug: asked by POST, which might change something`,
    ),
  });
  // Nobody asked in a week of before.
  const { functions: _, ...before } = shows(utils);
  expect(judged(before).summary).not.toContain('POST');
});

it('names the row for which a pilot shows no list of hubs', () => {
  expect(judged(shows(hub, { hubs: false })).summary).toContain(`inconclusive for want of evidence: ${hub} dual-hub`);
});

it('fails a pilot whose log nobody keeps, and no bystander', () => {
  const whyNoLog = 'Docker keeps the log of edge by journald: name its file in the plan (log)';
  expect(judged(shows(hub, { log: false, whyNoLog }))).toMatchObject({
    verdict: 'fail',
    summary: `${hub} has no log file: ${whyNoLog}`,
  });
  const bystander = plan.agents.at(-1)!.name;
  expect(judged({ ...shows(bystander, { log: false }), pilot: false })).toMatchObject({ verdict: 'pass' });
});
