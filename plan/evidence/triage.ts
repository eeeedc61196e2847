// Triage: who is down, and what that calls for: level 1, level 2, or people. Pure.
import { pilotsOf, type Plan } from '../schema/plan.ts';
import { componentsOf } from '../tasks/services.ts';

/** Who is down now: names of components, and of pilots that fail or are on the wrong hub. */
export interface Diagnosis {
  components: string[];
  agents: string[];
  /** Of whom nobody can tell, since who asks is refused. */
  unknown: { name: string; why: string }[];
}

export type Remedy = { level: 1; component: string } | { level: 2; agent: string } | { ask: string; about: string[] };

/**
 * One component is level 1, one agent level 2, more is for people, and so is what nobody can see: who acts on half a look undoes what may be well. Nothing automatic twice in a row on the same thing: `last` is
 * what was mended automatically, with no person in between. Undefined when all are well again.
 */
export function remedyFor({ components, agents, unknown }: Diagnosis, last: string | undefined): Remedy | undefined {
  const down = [...components, ...agents];
  if (unknown.length > 0)
    return {
      ask: `nobody can tell how ${unknownText(unknown)}${down.length > 0 ? `; ${down.slice(0, 6).join(', ')} down` : ''}`,
      about: [...down, ...unknown.map(({ name }) => name)],
    };
  const [only] = down;
  if (only === undefined) return undefined;
  if (down.length > 1)
    return { ask: `${down.length} things are down at once: ${down.slice(0, 6).join(', ')}`, about: down };
  if (only === last) return { ask: `${only} is down again after it was mended automatically`, about: [only] };
  return components.length > 0 ? { level: 1, component: only } : { level: 2, agent: only };
}

/** In a line: some of their names, and why of the first. */
export function unknownText(unknown: Diagnosis['unknown']): string {
  const names = unknown.slice(0, 6).map(({ name }) => name);
  return `${names.join(', ')} ${unknown.length > 1 ? 'are' : 'is'} (${unknown[0]?.why})`;
}

/** Names that an order may give: components that the week made, and its pilots. */
export function mendable(plan: Plan): { components: string[]; agents: string[] } {
  return { components: componentsOf(plan).map(({ name }) => name), agents: pilotsOf(plan).map(({ name }) => name) };
}
