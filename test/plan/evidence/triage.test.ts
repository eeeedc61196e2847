// What an emergency calls for, the incident that it leaves, and the rows of a way back.
import { describe, expect, it } from 'vitest';
import { mendable, remedyFor } from '../../../plan/evidence/triage.ts';
import { taskNames } from '../../../plan/tasks/names.ts';
import { componentsOf } from '../../../plan/tasks/services.ts';
import { stepsOf, tasksIn, undoneWith, undoRows } from '../../../plan/tasks/steps.ts';
import { whyTooLarge } from '../../../plan/week/size.ts';
import { incident, type Incident, limitOf } from '../../../plan/week/incident.ts';
import { fitted, recordBytes } from '../../../plan/week/record.ts';
import { began, plan, record } from '../../client/fixtures.ts';
import { wavesPlan } from '../../plans/waves.ts';

const tasks = taskNames;

describe('the remedy', () => {
  it.each([
    ['nothing when all are well', [], [], undefined, undefined],
    ['nothing when all are well again after it was mended', [], [], 'edgehub', undefined],
    ['level 1 for one component', ['edgehub'], [], undefined, { level: 1, component: 'edgehub' }],
    ['level 2 for one agent', [], ['pilot'], undefined, { level: 2, agent: 'pilot' }],
    ['level 1 for another thing than the last one', ['edgehub'], [], 'pilot', { level: 1, component: 'edgehub' }],
    [
      'a question when a component is down again',
      ['edgehub'],
      [],
      'edgehub',
      { ask: expect.stringContaining('edgehub is down again'), about: ['edgehub'] },
    ],
    [
      'a question when an agent is down again',
      [],
      ['pilot'],
      'pilot',
      { ask: expect.stringContaining('pilot is down again'), about: ['pilot'] },
    ],
    [
      'a question for two components',
      ['edgehub', 'nats-main'],
      [],
      undefined,
      { ask: '2 things are down at once: edgehub, nats-main', about: ['edgehub', 'nats-main'] },
    ],
    [
      'a question for a component and an agent, one of which was mended',
      ['edgehub'],
      ['pilot'],
      'edgehub',
      { ask: '2 things are down at once: edgehub, pilot', about: ['edgehub', 'pilot'] },
    ],
  ])('is %s', (_what, components, agents, last, remedy) => {
    expect(remedyFor({ components, agents, unknown: [] }, last)).toEqual(remedy);
  });

  it.each([
    ['alone', [], 'nobody can tell how pilot is (answered 401)', ['pilot']],
    [
      'beside one that is down',
      ['edgehub'],
      'nobody can tell how pilot is (answered 401); edgehub down',
      ['edgehub', 'pilot'],
    ],
  ])('is a question where nobody can see one, %s', (_what, components, ask, about) => {
    const unknown = [{ name: 'pilot', why: 'answered 401' }];
    expect(remedyFor({ components, agents: [], unknown }, undefined)).toEqual({ ask, about });
  });

  it('names six of many that are down', () => {
    const agents = Array.from({ length: 200 }, (_, index) => `agent-${index}`);
    expect(remedyFor({ components: [], agents, unknown: [] }, undefined)).toEqual({
      ask: expect.stringMatching(/^200 things.*agent-5$/),
      about: agents,
    });
  });
});

describe('what may be mended', () => {
  it('is what the week itself made, so CentralHub is not', () => {
    expect(componentsOf(plan).map(({ name }) => name)).toEqual([
      'edgehub',
      'pushgateway-main',
      'pushgateway-pc2',
      'nats-main',
      'nats-pc2',
    ]);
    expect(plan.services.map(({ name }) => name)).toContain('centralhub');
  });

  it('is every pilot and no bystander', () => {
    expect(mendable(plan)).toEqual({
      components: componentsOf(plan).map(({ name }) => name),
      agents: ['observability_hub', 'resource_manager', 'unified_utils_agent'],
    });
    expect(plan.agents.map(({ name }) => name)).toContain('pc2_sentinel');
  });
});

describe('an incident', () => {
  const trigger = { automatic: false, by: 'ada', from: 'ada@desk', reason: 'smoke' };
  const over = (change: Partial<Incident> = {}) => ({
    level: 1 as const,
    target: 'edgehub',
    trigger,
    startedAt: began,
    endedAt: began + plan.emergency.level1,
    result: 'recovered' as const,
    actions: [],
    ...change,
  });

  it('is counted up from those that are known, and waits for people to explain it', () => {
    const first = incident(plan, 0, over());
    expect(first).toMatchObject({ id: 'incident-1', target: 'edgehub', trigger, cause: null, prevention: null });
    expect(incident(plan, 1, over()).id).toBe('incident-2');
    expect(incident(plan, 2, over()).id).toBe('incident-3');
  });

  it.each([1, 2, 3] as const)('is within the limit of level %d to the millisecond, and not beyond', (level) => {
    const limitMs = limitOf(plan, level);
    expect(incident(plan, 0, over({ level, endedAt: began + limitMs }))).toMatchObject({ limitMs, withinLimit: true });
    expect(incident(plan, 0, over({ level, endedAt: began + limitMs + 1 }))).toMatchObject({
      limitMs,
      withinLimit: false,
    });
  });

  it('has for each level the limit of the plan', () => {
    const { level1, level2, level3 } = plan.emergency;
    expect(([1, 2, 3] as const).map((level) => limitOf(plan, level))).toEqual([level1, level2, level3]);
    expect(level1).not.toBe(level2);
  });

  it('keeps its first actions only, however many there were', () => {
    const actions = Array.from({ length: 500 }, (_, index) => ({
      what: `action ${index}`,
      machine: 'PC2',
      result: 'done',
      ms: 1,
    }));
    const kept = incident(plan, 0, over({ actions })).actions;
    expect(kept).toEqual(actions.slice(0, kept.length));
    expect(kept.length).toBeGreaterThan(0);
    expect(kept.length).toBeLessThan(20);
    expect(incident(plan, 0, over({ actions: actions.slice(0, 3) })).actions).toHaveLength(3);
  });
});

describe('the way back', () => {
  it('has rows with ids of their own, also beside the steps', () => {
    const ids = [...stepsOf(plan), ...undoRows(tasks)].map(({ id }) => id);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
  });

  it('has rows of kind undo for each task that changes something, under that task', () => {
    const rows = undoRows(tasks);
    expect([...new Set(rows.map(({ task }) => task))]).toEqual(['2A', '2B', '2C', '2D']);
    expect(rows.filter(({ id, kind, task }) => kind !== 'undo' || !id.startsWith(`${task}.`))).toEqual([]);
    expect(undoRows(['2B', '2A'])).toEqual(['2B', '2A'].flatMap((task) => rows.filter((row) => row.task === task)));
    expect(undoRows(['preflight', 'soak'])).toEqual([]);
  });

  it.each(tasks)('undoes with %s each later task once, the latest first and itself last', (task) => {
    const order = undoneWith(task);
    expect(order.at(-1)).toBe(task);
    expect(new Set(order).size).toBe(order.length);
    expect(order.map((undone) => tasks.indexOf(undone))).toEqual(
      order.map((undone) => tasks.indexOf(undone)).sort((a, b) => b - a),
    );
  });

  it.each(tasks)('undoes with %s what stands on those that stand on it', (task) => {
    const order = undoneWith(task);
    for (const dependent of order) expect(order).toEqual(expect.arrayContaining(undoneWith(dependent)));
  });

  it('takes EdgeHub with what was migrated to it, and leaves messaging', () => {
    expect(undoneWith('2A')).toEqual(['soak', '2D', '2B', '2A']);
    expect(undoneWith('soak')).toEqual(['soak']);
    expect(undoneWith('preflight')).toEqual(tasks.toReversed());
  });
});

describe('the bytes of a record', () => {
  it('are 512 in the week of the plan', () => {
    expect(recordBytes(stepsOf(plan).length + undoRows(tasks).length)).toBe(512);
  });

  it.each([1, 1_367, 1_368, 3_000])('stay together below 700,000 for %d rows', (rows) => {
    expect(rows * recordBytes(rows)).toBeLessThan(700_000);
  });

  it('are fewer in a week that is too large by a few agents, and enough for a record there', () => {
    const large = wavesPlan(308);
    expect(whyTooLarge(large)).toBeDefined();
    const rows = stepsOf(large).length + undoRows(tasksIn(large)).length;
    expect(recordBytes(rows)).toBeLessThan(512);
    const full = fitted(
      record('2D.deploy.agent-299.health-visibility', {
        summary: 'no answer '.repeat(99),
        evidence: { log: 'x'.repeat(99) },
      }),
      recordBytes(rows),
    );
    expect(Buffer.byteLength(JSON.stringify(full))).toBeLessThanOrEqual(recordBytes(rows));
    expect(full.summary).toMatch(/^no answer/);
  });
});
