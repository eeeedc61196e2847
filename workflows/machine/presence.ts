// Whether a machine's worker takes what is asked of it. What nobody takes lies in the machine's queue until somebody does, which costs
// no event; whom the week waits for is found out by a question of its own, which lies there too.
import { CancellationScope, condition } from '@temporalio/workflow';
import { HistoryIsLong } from '../orders/interruptions.ts';

/** A worker takes at once what it is asked: after this time it is asked whether it is there. */
const takenWithinMs = 10_000;
/** How long after an answer to that it is asked again, while something takes so long: a worker may die in the middle of it. */
const againMs = 10 * 60_000;

interface Call {
  step: string;
  since: number;
  /** Unix milliseconds: when it is looked whether anybody took it. */
  lookAt: number;
  scope: CancellationScope;
  givenUp: boolean;
}

/** Whom the week waits for, for which step. */
export interface Missing {
  step: string;
  since: number;
}

export class Presence {
  private readonly calls = new Set<Call>();
  private watched = false;
  private missingSince?: number;

  constructor(
    /** Where it is looked: outside of what an order cancels. */
    private readonly scope: CancellationScope,
    /** Answered by a worker that is there, whatever it answers. */
    private readonly ask: () => Promise<unknown>,
    /** Told when the worker begins or ends to be missing. */
    private readonly changed: () => void,
    /** No wait is begun in this history any more. */
    private readonly isLong: () => boolean,
  ) {}

  /** The newest call is what people know of: the week measures all along. */
  get missing(): Missing | undefined {
    const newest = [...this.calls].at(-1);
    return this.missingSince === undefined || !newest ? undefined : { step: newest.step, since: this.missingSince };
  }

  /** Does the work. Throws HistoryIsLong when nobody takes it and the history is long. */
  async during<T>(step: string, work: () => Promise<T>): Promise<T> {
    const since = Date.now();
    const call = { step, since, lookAt: since + takenWithinMs, scope: new CancellationScope(), givenUp: false };
    this.calls.add(call);
    if (!this.watched) void this.scope.run(() => this.watch());
    try {
      return await call.scope.run(work);
    } catch (error) {
      throw call.givenUp ? new HistoryIsLong() : error;
    } finally {
      this.calls.delete(call);
    }
  }

  private async watch(): Promise<void> {
    this.watched = true;
    while (this.calls.size > 0) {
      const wakeAt = this.nextLook();
      const left = wakeAt - Date.now();
      // A short wait is not called off: the next call, which comes soon, would only begin it again.
      const calledOff = () => left > takenWithinMs && (this.calls.size === 0 || this.nextLook() < wakeAt);
      if (left > 0) await condition(calledOff, left);
      if (this.nextLook() <= Date.now()) await this.look();
    }
    this.watched = false;
  }

  private nextLook(): number {
    return Math.min(...[...this.calls].map(({ lookAt }) => lookAt));
  }

  private async look(): Promise<void> {
    const askedAt = Date.now();
    const asking = new CancellationScope();
    let over = false;
    void asking
      .run(this.ask)
      .catch(() => undefined)
      .finally(() => (over = true));
    const nobodyWaits = () => over || this.calls.size === 0;
    if (!(await condition(nobodyWaits, takenWithinMs))) {
      this.missingSince = askedAt;
      this.changed();
      await condition(() => nobodyWaits() || this.isLong());
      if (!nobodyWaits()) this.giveUp();
      this.missingSince = undefined;
      this.changed();
    }
    if (!over) asking.cancel();
    for (const call of this.calls) if (call.since <= askedAt) call.lookAt = Date.now() + againMs;
  }

  private giveUp(): void {
    for (const call of this.calls) {
      call.givenUp = true;
      call.scope.cancel();
    }
  }
}
