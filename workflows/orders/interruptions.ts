// What is thrown through a step to end it early, and is no failure of it but the last.
import type { Order } from '../../plan/week/order.ts';

/** Something is wrong in the world that a watched window found: the week has to do something about it first. */
export class IncidentFound extends Error {
  override name = 'IncidentFound';
  constructor(readonly order: Order) {
    super(order.kind);
  }
}

/** A GO has kept the ledgers, and a part was undone since: nothing can be done again, and what stands is not undone for that. */
export function keptByGo(step: string, reason: string): IncidentFound {
  const command = 'hubshift rollback, which undoes everything';
  const wait = { on: 'a person', step, command, ends: [['rollback']] };
  return new IncidentFound({ kind: 'hold', status: 'paused', reason, since: Date.now(), wait, ordered: false });
}

/** Who asks is refused, and what it asks can't be seen: nothing is mended by that, and the window goes on where it was. */
export function unseen(step: string, what: string): IncidentFound {
  const command = 'hubshift resume, once whoever asks has what it is asked for, or hubshift rollback';
  const wait = { on: 'a person', step, command, ends: [['resume'], ['rollback']] };
  const reason = `${step} can't see ${what}; nothing is undone by that`;
  return new IncidentFound({ kind: 'hold', status: 'paused', reason, since: Date.now(), wait, ordered: false });
}

/** A step that did not pass; its record says why. */
export class StepFailed extends Error {
  override name = 'StepFailed';
  constructor(readonly step: string) {
    super(`${step} did not pass`);
  }
}

/** The history is long: nothing begins any more; what runs is finished, what waits is given up, then the week goes on in a new history. */
export class HistoryIsLong extends Error {
  override name = 'HistoryIsLong';
  /** Where the next one is, if not here. */
  constructor(readonly queue?: string) {
    super('a new history goes on');
  }
}
