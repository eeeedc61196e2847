// Each task that changes something, rolled back by itself: its own undo rows are looked at, and the week is held.
import { expect, it } from 'vitest';
import { looksFirst, stepsOf, undoable, undoneWith, undoRows } from '../../plan/tasks/steps.ts';
import { week1Plan } from './harness.ts';
import { order, until } from './people.ts';
import * as messages from '../../workflows/orders/messages.ts';
import { useServer } from './server.ts';

const lab = useServer(80_000);

const bounded = { timeout: 100_000 };

it.each(undoable.map((task) => [task]))('task %s by itself', bounded, async (task) => {
  const plan = week1Plan((changed) => (changed.holdBefore = ['soak']));
  const last = stepsOf(plan).find((row) => row.task === 'soak')!.id;
  await lab.run(
    plan,
    async ({ handle }) => {
      await until(lab, handle, ({ status }) => status === 'paused');
      await order.rollback(handle, 'one task', { task });
      const { held } = await until(
        lab,
        handle,
        (seen) => seen.held?.reason.includes(`task ${task} was rolled back`) ?? false,
      );
      expect(held).toBeDefined();
      const { records } = await handle.query(messages.state);
      const gone = undoneWith(task);
      // Looked at, each with what was found: one that nobody looks at says so, and fails. What files were before is not known here.
      for (const { id } of undoRows(gone)) expect(records[id]?.verdict, id).toMatch(/^(pass|inconclusive)$/);
      expect(undoRows([task])).not.toEqual([]);
      const kept = stepsOf(plan).filter(({ id }) => records[id]);
      expect(kept.filter((row) => gone.includes(row.task))).toEqual([]);
      for (const first of looksFirst) expect(kept.some((row) => row.task === first)).toBe(true);
    },
    { from: last },
  );
});
