// Draws what is still to be done where everything was rolled back without a machine: never plainly "rolled back".
import { type Status, statusText, type Without } from '../../plan/week/state.ts';
import { commandThere, todo } from '../../plan/week/without.ts';

interface Seen {
  run: string;
  status: Status;
  /** Names alone where no worker has answered. */
  without?: (Without | string)[];
}

/** Nothing where it went without none. */
export function inPartLines({ run, status, without = [] }: Seen): string[] {
  if (without.length === 0) return [];
  const names = without.map((one) => (typeof one === 'string' ? one : one.machine));
  return [
    ...(status === 'rolled back in part' ? [`The week is ${statusText(status, names)}.`] : []),
    ...without.map((one) => (typeof one === 'string' ? `There: ${commandThere(run, one)}` : todo(run, one))),
  ];
}
