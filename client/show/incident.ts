// Draws an incident as lines of text.
import { type Incident, tookText } from '../../plan/week/incident.ts';
import { waivedText } from '../../plan/week/record.ts';
import { humanDuration } from '../../plan/schema/duration.ts';
import { columns, utc } from './text.ts';

export function incidentLines({
  id,
  level,
  target,
  result,
  startedAt,
  endedAt,
  limitMs,
  withinLimit,
  trigger,
  actions,
  cause,
  prevention,
  accepted,
}: Incident): string[] {
  return [
    `${id}: level ${level}, ${target ?? 'the whole week'}: ${tookText({ result, startedAt, endedAt, limitMs, withinLimit })}`,
    `  ${utc(startedAt)}, ${trigger.automatic ? 'automatically' : `by ${trigger.by} (${trigger.from})`}: ${trigger.reason}`,
    ...columns(actions.map(({ what, machine, ms, result: came }) => [`  ${humanDuration(ms)}`, machine, what, came])),
    ...(accepted ? [`  ${waivedText(accepted)}`] : []),
    `  cause: ${cause ?? 'not known yet'}; prevention: ${prevention ?? 'not known yet'} (hubshift incident note ${id} --cause TEXT --prevention TEXT)`,
  ];
}
