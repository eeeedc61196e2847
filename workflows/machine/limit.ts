// How many activities may be under way on a machine at once.
import { condition } from '@temporalio/workflow';

/** A machine's worker takes a few more at once (workers/machine.ts). What it can't take would lie in its queue and look as if it were missing. */
const atOnce = 150;

/** How many activities are under way on each machine. */
export class ActivityLimit {
  private readonly under = new Map<string, number>();

  /** Begins `work` when there is room on the machine; in the order of the calls. */
  async within<T>(machine: string, work: () => Promise<T>): Promise<T> {
    await condition(() => this.enter(machine));
    try {
      return await work();
    } finally {
      this.under.set(machine, this.count(machine) - 1);
    }
  }

  private enter(machine: string): boolean {
    const room = this.count(machine) < atOnce;
    if (room) this.under.set(machine, this.count(machine) + 1);
    return room;
  }

  private count(machine: string): number {
    return this.under.get(machine) ?? 0;
  }
}
