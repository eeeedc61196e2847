// The states that a crash can leave a recorded disk in: after each operation, with what was not synced lost, kept, or one of it lost or torn.
import { diskOf, unsynced, type Operation, type Recording, type Torn } from './memory-files.ts';
import { restart, type Recorded } from './machine.ts';

export type Fate =
  | 'all lost'
  | 'all kept'
  /** The worker dies, and the machine lives. */
  | 'killed'
  | { lost: Operation }
  | { torn: Operation; how: Torn };

export interface State {
  /** So many operations had been done. */
  count: number;
  fate: Fate;
  /** The week makes its changes again before they are undone. */
  goesOn: boolean;
}

/** A lock is never synced: of its operations the newest stand for all. */
const newestOfLock = 12;

export function statesOf({ operations }: Recording): State[] {
  const states: State[] = [];
  for (let count = 0; count <= operations.length; count += 1) {
    // Nothing happens to the disk here.
    if (['mark', 'sync'].includes(operations[count - 1]?.kind ?? '') && count < operations.length) continue;
    const pending = [...unsynced(operations, count)];
    const ofLock = pending.filter(({ path }) => path.includes('/lock'));
    const each = pending.filter((one) => !ofLock.includes(one) || ofLock.slice(-newestOfLock).includes(one));
    const fates: Fate[] = [
      'all lost',
      'all kept',
      'killed',
      ...each.map((lost) => ({ lost })),
      ...each.flatMap((torn) =>
        torn.kind === 'write' ? (['short', 'zeros'] as const).map((how) => ({ torn, how })) : [],
      ),
    ];
    const whole = fates.filter((fate) => typeof fate === 'string');
    states.push(...fates.map((fate) => ({ count, fate, goesOn: false })));
    states.push(...whole.map((fate) => ({ count, fate, goesOn: true })));
  }
  return states;
}

/** So many of them, the same for the same seed. */
export function sample(states: State[], count: number, seed: number): State[] {
  let random = seed;
  const rest = [...states];
  return Array.from({ length: count }, () => {
    // A generator of Lehmer's.
    random = (random * 48_271) % 2_147_483_647;
    return rest.splice(random % rest.length, 1)[0] as State;
  });
}

/** Starts the machine again in a state; gives what is wrong then, and how it came to it. */
export async function tryState(recorded: Recorded, { count, fate, goesOn }: State): Promise<string[]> {
  const wrong =
    fate === 'killed'
      ? await restart(recorded, count, { killedAfter: count }, goesOn)
      : await restart(
          recorded,
          count,
          { power: diskOf(recorded, surviving(recorded.operations, count, fate)) },
          goesOn,
        );
  const last = recorded.operations[count - 1];
  return wrong.map(
    (what) =>
      `${what} (after ${count} operations, the last ${last?.kind} ${last?.path}, ${textOf(fate)}${goesOn ? ', and going on' : ''})`,
  );
}

function surviving(operations: Operation[], count: number, fate: Fate) {
  const pending = unsynced(operations, count);
  return operations.slice(0, count).flatMap((operation) => {
    if (typeof fate === 'string') return fate === 'all lost' && pending.has(operation) ? [] : [{ operation }];
    if ('lost' in fate) return fate.lost === operation ? [] : [{ operation }];
    return [fate.torn === operation ? { operation, torn: fate.how } : { operation }];
  });
}

function textOf(fate: Fate): string {
  if (typeof fate === 'string') return fate;
  return 'lost' in fate ? `lost: ${fate.lost.kind} ${fate.lost.path}` : `torn: ${fate.torn.path}, ${fate.how}`;
}
