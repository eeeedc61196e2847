// An emergency that was ordered is followed until the week has left its incident.
import type { Client } from '@temporalio/client';
import { planId } from '../../plan/names.ts';
import type { Plan } from '../../plan/schema/plan.ts';
import { endedWell, type Incident, type Level } from '../../plan/week/incident.ts';
import { exitCodes, Failure, type ExitCode } from '../failure.ts';
import { inPartLines } from '../show/in-part.ts';
import { incidentLines } from '../show/incident.ts';
import { follow, hasEnded } from './follow.ts';
import { look, type Look, wholeState } from './look.ts';

/** An incident is over within a second or two of its last action. */
const everyMs = 250;
/** Where no worker answers, the look would only hold up the order. */
const firstLookMs = 1_000;

/** The week is not enough, and why. */
export class GivenUp extends Error {
  override name = 'GivenUp';
}

interface Emergency {
  plan: Plan;
  level: Level;
  /** Gives the week's answer. */
  order: () => Promise<string>;
  /** How long Temporal may be away meanwhile. */
  patienceMs?: number;
  /** Why nobody waits for the week any more. */
  hopeless?: (seen: Look) => string | undefined;
}

/** Gives the order, and shows what became of it. Throws GivenUp when it is hopeless. */
export async function untilOver(
  client: Client,
  { plan, level, order, patienceMs, hopeless }: Emergency,
): Promise<ExitCode> {
  const before = await look(client, planId(plan), { withinMs: firstLookMs });
  const orderedAt = Date.now();
  process.stdout.write(`${await order()}\n`);
  const known = before.snapshot && new Set(before.snapshot.incidents.map(({ id }) => id));
  // A look without a worker knows no incidents: then those of before are told by their time.
  const isNew = ({ id, startedAt }: Incident) =>
    known ? !known.has(id) : startedAt >= orderedAt - plan.limits.clockSkew;
  const leftIn = (incidents: Incident[] = []) => incidents.findLast((one) => one.level === level && isNew(one));
  const isOver = (seen: Look) => leftIn(seen.snapshot?.incidents) !== undefined || hasEnded(seen);
  const reached = (seen: Look) => isOver(seen) || hopeless?.(seen) !== undefined;
  const last = await follow(client, { plan: planId(plan), everyMs, patienceMs, reached });
  if (!isOver(last)) throw new GivenUp(hopeless?.(last));
  const seen = last.snapshot ?? (await wholeState(client, planId(plan)));
  const left = leftIn(seen?.incidents);
  if (!seen || !left) throw new Failure('The week has left no incident for it; hubshift progress says how it stands.');
  process.stdout.write(`\n${[...incidentLines(left), ...inPartLines(seen)].join('\n')}\n`);
  return endedWell(left) ? exitCodes.done : exitCodes.failed;
}
