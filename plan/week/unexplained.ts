// Incidents of which people have not said yet why they were, or what will prevent the next: a GO waits for that.
import type { WeekState } from './state.ts';

/** Plans of version 1 do not ask for it. */
export function asksForCauses({ version }: WeekState['plan']): boolean {
  return version !== 1;
}

/** Each in words, and by the words of which command it is said. What a long week has moved to its file takes no note any more, and is not asked for. */
export function unexplained({
  plan,
  incidents,
}: Pick<WeekState, 'plan' | 'incidents'>): { what: string; words: string[] }[] {
  if (!asksForCauses(plan)) return [];
  return incidents.flatMap(({ id, level, target, cause, prevention }) => {
    const missing = [...(cause ? [] : ['cause']), ...(prevention ? [] : ['prevention'])];
    if (missing.length === 0) return [];
    return [
      {
        what: `${id} (level ${level} of ${target ?? 'the week'}) has no ${missing.join(' and no ')}`,
        words: ['incident', 'note', id, ...missing.flatMap((one) => [`--${one}`, 'TEXT'])],
      },
    ];
  });
}

export function unexplainedLines(state: Pick<WeekState, 'plan' | 'incidents'>): string[] {
  return unexplained(state).map(({ what, words }) => `${what}: hubshift ${words.join(' ')}`);
}
