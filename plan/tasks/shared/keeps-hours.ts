// How long what disturbs may take, where several tasks do the same.
import { adopts, type Made, type Plan } from '../../schema/plan.ts';
import type { Row } from '../row.ts';

type Kept = Pick<Row, 'keepsHours'>;

/** What every service has to be ready by, after its end. */
const readyMs = 60_000;

/** On the machines of these services. `asks`: of others, too. */
export function keepsHours(services: readonly { machine: string }[], lastsMs: number, asks?: string[]): Kept {
  return { keepsHours: { on: [...new Set(services.map(({ machine }) => machine))], lastsMs, ...(asks && { asks }) } };
}

/** A fault that the plan does not allow is not injected: its rows wait for nothing. */
export function ifAllowed({ faults }: Plan, fault: Plan['faults']['allowed'][number], kept: Kept): Kept {
  return faults.allowed.includes(fault) ? kept : {};
}

/** Each is stopped and started, one after the other. */
export function restarts(services: readonly Made[], backMs = readyMs): Kept {
  return keepsHours(
    services,
    services.reduce((sum, { stopGrace }) => sum + stopGrace + backMs, 0),
  );
}

/** What is there before under the name is stopped for it. */
export function takesOver(plan: Plan, service: Made | undefined): Kept {
  const kept = service && adopts(plan, service.name) && restarts([service]).keepsHours;
  return kept ? { keepsHours: { ...kept, goesOn: true } } : {};
}
