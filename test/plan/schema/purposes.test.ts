// What a plan says of its tasks: taken as it is said, and refused where it does not agree with them or would never show.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { signsOf } from '../../../plan/evidence/signs.ts';
import type { Plan } from '../../../plan/schema/plan.ts';
import { readPlan } from '../../../plan/schema/read.ts';
import { purposesOf } from '../../../plan/tasks/purposes.ts';
import { wavesPlan } from '../../plans/waves.ts';

const file = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
const week = file('plan/week1.yaml');
const saying = (tasks: string) => `${week}\n${tasks}\n`;
const read = (tasks: string) => readPlan(saying(tasks), 'plan.yaml');
const lineOf = (text: string, piece: string) => text.slice(0, text.indexOf(piece)).split('\n').length;

describe('what a task is for', () => {
  it('is what the task says where the plan says nothing, and the plan does not carry it', () => {
    const plan = read('');
    expect(plan.tasks).toBeUndefined();
    expect(purposesOf(plan).map(({ task, priority, dependencies }) => [task, priority, dependencies])).toEqual([
      ['preflight', 'critical', []],
      ['2A', 'critical', ['preflight']],
      ['2B', 'high', ['2A']],
      ['2C', 'critical', ['preflight']],
      ['2D', 'critical', ['2A', '2B', '2C']],
      ['soak', 'high', ['preflight', '2A', '2B', '2C', '2D']],
    ]);
    expect(purposesOf(plan)[1]).toMatchObject({ estimate: { from: 4 * 3_600_000, to: 6 * 3_600_000 } });
  });

  it('is what the plan says, key by key', () => {
    const [, edge, gateways] = purposesOf(
      read(
        'tasks: { 2A: { objective: Ours, estimate: { from: 30m, to: 1h }, risks: [] }, 2B: { priority: low, dependencies: [2A] } }',
      ),
    );
    expect(edge).toMatchObject({ objective: 'Ours', estimate: { from: 1_800_000 }, priority: 'critical', risks: [] });
    expect(gateways).toMatchObject({ priority: 'low', dependencies: ['2A'] });
    expect(gateways!.risks.length).toBeGreaterThan(0);
  });

  it.each<[string, Plan]>([
    ['week1', read('')],
    ['renamed', readPlan(file('test/plans/renamed.yaml'), 'renamed.yaml')],
    ['waves', wavesPlan(20)],
  ])('names for every risk a row or a KPI that the plan has: %s', (_, plan) => {
    const blind = purposesOf(plan).flatMap(({ risks }) =>
      risks.filter(({ shownBy }) =>
        shownBy.some((named) => {
          const { ids, levels } = signsOf(plan, [named]);
          return ids.length + levels.length === 0;
        }),
      ),
    );
    expect(blind).toEqual([]);
  });
});

describe('a plan is refused', () => {
  it.each([
    [
      'that states other dependencies, with both named',
      'tasks:\n  2D:\n    dependencies: [2A, 2B]',
      'dependencies',
      /^what 2D stands on and no other, \[2A, 2B, 2C\] .*found \["2A","2B"\]$/,
      'tasks.2D.dependencies',
    ],
    [
      'with a risk that nothing of the plan would show',
      'tasks:\n  2A:\n    risks: [{ risk: Fire, shownBy: [2A.check.smoke] }]',
      'shownBy',
      /^a row of the plan .*found "2A.check.smoke"$/,
      'tasks.2A.risks[0].shownBy[0]',
    ],
    [
      'with a risk that only incidents would show',
      'tasks:\n  2A:\n    risks: [{ risk: Fire, shownBy: [level-1] }]',
      'shownBy',
      /^a row or a KPI among them .* is wanted; found/,
      'tasks.2A.risks[0].shownBy',
    ],
    [
      'with an estimate that ends before it begins',
      'tasks:\n  2A:\n    estimate: { from: 6h, to: 4h }',
      'estimate',
      /no shorter than "from" is wanted/,
      'tasks.2A.estimate',
    ],
    [
      'with a key that it does not have',
      'tasks:\n  2A:\n    objectiv: Ours',
      'objectiv',
      /did you mean "objective"\?/,
      'tasks.2A.objectiv',
    ],
    ['with a task that there is none', 'tasks:\n  2E:\n    priority: low', '2E', /2E|key/, 'tasks.2E'],
  ])('%s', (_, tasks, at, message, path) => {
    const problems = (() => {
      try {
        read(tasks);
      } catch (error) {
        return (error as { problems: { line: number; path: string; message: string }[] }).problems;
      }
      return [];
    })();
    expect(problems).toMatchObject([{ message: expect.stringMatching(message), path }]);
    expect(problems[0]!.line).toBe(lineOf(saying(tasks), at));
  });
});
