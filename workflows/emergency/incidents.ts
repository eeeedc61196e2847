// The record that every emergency leaves in the week.
import { endedWell, incident, type Incident, type Level, tookText, type Trigger } from '../../plan/week/incident.ts';
import { incidentsSoFar } from '../../plan/week/older.ts';
import type { Week } from '../week.ts';

type Over = Parameters<typeof incident>[2];

/** Over now, unless `endedAt` says when. */
export function leaveIncident(week: Week, over: Omit<Over, 'endedAt'> & Partial<Over>): Incident {
  const { state } = week;
  const left = incident(week.plan, incidentsSoFar(state), { endedAt: Date.now(), ...over });
  state.incidents.push(left);
  const { id, level, target, result, startedAt, actions } = left;
  const title = `${id}, level ${level}, ${target ?? 'the week'}: ${result}`;
  const text = `${tookText(left)}. ${actions.map(({ what, machine, result: came }) => `${what} on ${machine}: ${came}`).join('; ')}`;
  week.paging.end(`level-${level}`, id, { title, text }, endedWell(left), startedAt);
  return left;
}

/** The incident that is about to be: people hear of it before it is over. */
export function announceIncident(week: Week, level: Level, target: string | null, { by, reason }: Trigger): void {
  week.paging.begin(`level-${level}`, `incident-${incidentsSoFar(week.state) + 1}`, {
    title: `Level ${level}: ${target ?? 'the week'}`,
    text: `${reason} (${by}). ${doing[level]}`,
  });
}

const doing: Record<Level, string> = {
  1: 'The component is restarted.',
  2: 'The agent goes back to its original configuration.',
  3: 'Everything that the week made is undone.',
};
