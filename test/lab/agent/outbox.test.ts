// The order of batches that wait, and which one goes when there are too many.
import { describe, expect, it } from 'vitest';
import { createOutbox } from '../../../lab/agent/outbox.ts';

describe('the outbox', () => {
  it('gives batches out in the order in which they came', () => {
    const outbox = createOutbox<number>(10);
    [1, 2, 3].forEach((batch) => outbox.add(batch));
    expect([outbox.take(), outbox.take(), outbox.take(), outbox.take()]).toEqual([1, 2, 3, undefined]);
  });

  it('gives a batch that was put back out again before all others', () => {
    const outbox = createOutbox<number>(10);
    [1, 2].forEach((batch) => outbox.add(batch));
    outbox.putBack(outbox.take()!);
    outbox.add(3);
    expect([outbox.take(), outbox.take(), outbox.take()]).toEqual([1, 2, 3]);
  });

  it('drops the oldest when it is full, and names it', () => {
    const outbox = createOutbox<number>(2);
    expect([1, 2, 3, 4].map((batch) => outbox.add(batch))).toEqual([undefined, undefined, 1, 2]);
    expect(outbox.size()).toBe(2);
  });

  it('drops a batch that comes back to a full outbox, as it is the oldest', () => {
    const outbox = createOutbox<number>(2);
    outbox.add(1);
    const taken = outbox.take()!;
    outbox.add(2);
    outbox.add(3);
    expect(outbox.putBack(taken)).toBe(1);
    expect(outbox.take()).toBe(2);
  });
});
