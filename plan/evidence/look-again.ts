// What a last look before a deadline says: all well, something down, or nobody can tell. Pure.
import type { Observation } from '../machine-api/measure.ts';
import { type Asked, targetNames } from './target-names.ts';

/** `what`: each that is not well, and why. */
export interface Looked {
  verdict: 'well' | 'down' | 'unknown';
  what: { name: string; why: string }[];
}

/**
 * Well is what was up in so many samples and never down, nor started again meanwhile. What nobody could see is neither well nor down, and
 * then nothing else counts: who acts on half a look undoes what may be well. `seen` by machine; null where none answered.
 */
export function lookedAgain(
  asks: Record<string, Asked>,
  seen: Record<string, Observation | null>,
  samples: number,
): Looked {
  const down: Looked['what'] = [];
  const unknown: Looked['what'] = [];
  for (const [machine, asked] of Object.entries(asks)) {
    const found = seen[machine];
    if (!found) unknown.push({ name: machine, why: 'it did not answer' });
    else
      for (const name of targetNames(asked)) {
        const target = found.targets[name];
        if (found.restarted.includes(name)) down.push({ name, why: 'started again meanwhile' });
        else if (target && target.down > 0) down.push({ name, why: target.firstError ?? 'down' });
        else if (!target || target.unknown || target.up < samples)
          unknown.push({ name, why: target?.firstUnknown ?? 'not seen for long enough' });
      }
  }
  if (unknown.length > 0) return { verdict: 'unknown', what: unknown };
  return { verdict: down.length > 0 ? 'down' : 'well', what: down };
}

/** In a line: the first of them. */
export function lookedText({ what }: Looked): string {
  const more = what.length > 3 ? ` and ${what.length - 3} more` : '';
  return `${what
    .slice(0, 3)
    .map(({ name, why }) => `${name}: ${why}`)
    .join('; ')}${more}`;
}
