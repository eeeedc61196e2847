// The record that every emergency leaves in the week.
import { incident, type Incident } from '../plan/incident.ts';
import type { Week } from './week.ts';

type Over = Parameters<typeof incident>[2];

/** Over now, unless `endedAt` says when. */
export function leaveIncident(week: Week, over: Omit<Over, 'endedAt'> & Partial<Over>): Incident {
  const { state } = week;
  const left = incident(week.plan, state.incidents, { endedAt: Date.now(), ...over });
  state.incidents.push(left);
  return left;
}
