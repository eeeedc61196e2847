// How long what disturbs may take, where several tasks do the same.
import { adopts, type Made, type Plan } from '../../schema/plan.ts';
import type { KeepsHours, Row } from '../row.ts';

type Kept = Pick<Row, 'keepsHours'>;

/** What every service has to be ready by, after its end. */
const readyMs = 60_000;
/** What is looked at, sent and read before anything is disturbed. */
export const askedMs = 60_000;

/** On the machines of these services. */
export function keepsHours(
  services: readonly { machine: string }[],
  disturbsMs: number,
  more: Partial<KeepsHours> = {},
): Kept {
  const on = [...new Set(services.map(({ machine }) => machine))];
  return { keepsHours: { on, lastsMs: askedMs + disturbsMs, disturbsMs, ...more } };
}

/** A fault that the plan does not allow is not injected: its rows wait for nothing. */
export function ifAllowed({ faults }: Plan, fault: Plan['faults']['allowed'][number], kept: Kept): Kept {
  return faults.allowed.includes(fault) ? kept : {};
}

/** Each is stopped and started, one after the other. */
export function restarts(services: readonly Made[], backMs = readyMs): Kept {
  const each = services.map(({ stopGrace }) => stopGrace + backMs);
  const lastsMs = each.reduce((sum, ms) => sum + ms, askedMs);
  return keepsHours(services, Math.max(0, ...each), { lastsMs });
}

/** What is there before under the name is stopped for it. */
export function takesOver(plan: Plan, service: Made | undefined): Kept {
  const kept = service && adopts(plan, service.name) && restarts([service]).keepsHours;
  return kept ? { keepsHours: { ...kept, goesOn: true } } : {};
}
