// What is asked of a machine at the end of a rollback, which one that falls silent meanwhile must not hold.
import { CancellationScope, condition } from '@temporalio/workflow';
import { HistoryIsLong } from '../orders/interruptions.ts';

/** As long as it takes until a worker is missed. */
const withinMs = 20_000;

/** null where no answer comes in time, or an error. Throws HistoryIsLong. */
export async function inTime<T>(ask: () => Promise<T>): Promise<T | null> {
  const scope = new CancellationScope();
  let over = false;
  const asking = scope
    .run(ask)
    .catch((error: unknown) => {
      if (error instanceof HistoryIsLong) throw error;
      return null;
    })
    .finally(() => (over = true));
  asking.catch(() => undefined);
  if (!(await condition(() => over, withinMs))) scope.cancel();
  return asking;
}
