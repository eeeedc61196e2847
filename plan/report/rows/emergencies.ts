// Rows of emergencies: the newest incident of each level speaks for it.
import { humanDuration } from '../../schema/duration.ts';
import { type Level, nothingDone } from '../../week/incident.ts';
import type { StepRecord } from '../../week/record.ts';
import type { WeekState } from '../../week/state.ts';
import type { Requirement } from './requirement.ts';

interface EmergencyRow extends Pick<Requirement, 'id' | 'text'> {
  kind: 'emergency';
  task: 'emergency';
  level: Level;
  withoutTemporal?: boolean;
}

export const emergencies: EmergencyRow[] = [
  {
    id: 'emergency.1.component',
    kind: 'emergency',
    task: 'emergency',
    text: 'level 1: the failing component restarted and well within its limit',
    level: 1,
  },
  {
    id: 'emergency.2.agent',
    kind: 'emergency',
    task: 'emergency',
    text: 'level 2: the agent restored, on CentralHub only, within its limit',
    level: 2,
  },
  {
    id: 'emergency.3.week',
    kind: 'emergency',
    task: 'emergency',
    text: 'level 3: everything undone and Phase 1 verified within its limit',
    level: 3,
  },
  {
    id: 'emergency.3.without-temporal',
    kind: 'emergency',
    task: 'emergency',
    text: 'level 3 from one command while Temporal is down',
    level: 3,
    withoutTemporal: true,
  },
];

/** The newest incident of a level speaks for its row; one in which nothing was mended only where there was nothing else. */
export function emergencyRecord(
  { incidents, older }: WeekState,
  { id, level, withoutTemporal = false }: EmergencyRow,
): StepRecord | undefined {
  const of = incidents.filter(
    (incident) =>
      incident.level === level && (level !== 3 || (incident.trigger.withoutTemporal ?? false) === withoutTemporal),
  );
  const newest = of.findLast((one) => !nothingDone(one)) ?? of.at(-1);
  if (!newest) return undefined;
  const { target, result, withinLimit, startedAt, endedAt, limitMs, actions } = newest;
  const ms = endedAt - startedAt;
  return {
    id,
    machine: [...new Set(actions.map(({ machine }) => machine))].join(', '),
    // Nothing was mended, and nothing had to be.
    verdict: nothingDone(newest) ? 'inconclusive' : result === 'recovered' && withinLimit ? 'pass' : 'fail',
    summary: `${newest.id}: ${target ?? 'the week'} ${result} after ${humanDuration(ms)}, limit ${humanDuration(limitMs)}`,
    evidence: { incident: newest.id, ms, limitMs, result },
    startedAt,
    endedAt,
    attempts: of.length + (older?.levels?.[level] ?? 0),
  };
}
