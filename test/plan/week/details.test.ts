// What the Temporal Web UI shows of a week: what each task is for, and of the one that runs what it stands on and may meet.
import { expect, it } from 'vitest';
import { detailsOf } from '../../../plan/week/details.ts';
import type { WeekState } from '../../../plan/week/state.ts';
import { seenOf, weekAfter } from '../../client/fixtures.ts';

const details = (phase: WeekState['phase']) => detailsOf(seenOf(weekAfter(['preflight'], { phase })));

it('says of every task its objective, priority and estimate, and of the one that runs its dependencies and risks', () => {
  const text = details('2B');
  expect(text).toContain(
    '| 2A | 0 of 21 | open | critical | 4h to 6h | EdgeHub stands beside the agents of its machine,',
  );
  expect(text).toContain('\n2B stands on 2A, and may meet: They cost a machine more than it has to spare; ');
  expect(text).not.toContain('2C stands on');
  expect(details('preflight')).toContain('\npreflight stands on nothing, and may meet: A machine lacks a right');
  expect(details('gate')).not.toContain('may meet');
});
