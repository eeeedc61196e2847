// The record that every emergency leaves in the week.
import { incident, type Incident } from '../plan/incident.ts';
import type { Week } from './week.ts';

/** Over now. */
export function leaveIncident(week: Week, over: Omit<Parameters<typeof incident>[2], 'endedAt'>): Incident {
  const { state } = week;
  const left = incident(week.plan, state.incidents, { ...over, endedAt: Date.now() });
  state.incidents.push(left);
  return left;
}
