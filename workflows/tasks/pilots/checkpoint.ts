// The checkpoint of task 2D: that the pilots hold.
import { programOf } from '../../../plan/schema/agent.ts';
import { pilotsOf } from '../../../plan/schema/plan.ts';
import { dualHub } from '../../../plan/tasks/pilots/verdicts/deployment.ts';
import { inBothHubs } from '../../../plan/tasks/pilots/verdicts/visibility.ts';
import { every } from '../../../plan/tasks/shared/verdict.ts';
import { programsRun } from '../../../plan/tasks/soak/verdicts.ts';
import type { Week } from '../../week.ts';
import type { On } from '../contract.ts';
import { hubsShown } from './checks.ts';
import { upInHubs } from './validation.ts';

export async function pilotsHold(week: Week, on: On) {
  const { plan } = week;
  const pilots = pilotsOf(plan);
  const programs = await Promise.all(
    pilots.map(async (pilot) => ({
      agent: pilot.name,
      ...(await on(pilot.machine).programStatus({ program: programOf(pilot) })),
    })),
  );
  const hubs = await Promise.all(
    pilots.map(async (pilot) => [pilot.name, dualHub(await hubsShown(on(pilot.machine), plan, pilot))] as const),
  );
  return every(
    {
      programs: programsRun(programs),
      ...Object.fromEntries(hubs),
      visibility: inBothHubs(await upInHubs(week, on, pilots)),
    },
    `${pilots.length} pilots on both hubs`,
  );
}
