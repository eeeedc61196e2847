// The batches that no hub has taken yet, oldest first, bounded: when it is full the oldest goes.

export interface Outbox<T> {
  /** Appends; returns the batch that was dropped for it, if the outbox was full. */
  add(batch: T): T | undefined;
  /** Takes the oldest out, to try it. */
  take(): T | undefined;
  /** Puts a batch that was taken back to the front; returns it if it must be dropped because the outbox has filled up. */
  putBack(batch: T): T | undefined;
  size(): number;
}

export function createOutbox<T>(limit: number): Outbox<T> {
  const batches: T[] = [];
  return {
    add(batch) {
      batches.push(batch);
      return batches.length > limit ? batches.shift() : undefined;
    },
    take: () => batches.shift(),
    putBack(batch) {
      if (batches.length >= limit) return batch;
      batches.unshift(batch);
      return undefined;
    },
    size: () => batches.length,
  };
}
