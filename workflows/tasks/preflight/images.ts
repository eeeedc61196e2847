// Which images are wanted on which machine, and what each is there for the whole run.
import type { MachineActivities } from '../../../plan/machine-api/index.ts';
import { type Plan, serviceOf } from '../../../plan/schema/plan.ts';
import type { Week } from '../../week.ts';

/** Every service's image on its machine, and EdgeHub's everywhere: its promtool checks names from inside a container. */
export function imagesWanted(plan: Plan): { machine: string; image: string }[] {
  const edge = serviceOf(plan, 'edge-hub');
  const wanted = [
    ...plan.machines.map((machine) => ({ machine: machine.name, image: edge.image })),
    ...plan.services.flatMap((service) =>
      service.kind === 'central-hub' ? [] : [{ machine: service.machine, image: service.image }],
    ),
  ];
  return wanted.filter(
    (one, index) => wanted.findIndex((other) => other.machine === one.machine && other.image === one.image) === index,
  );
}

export async function resolve(week: Week, on: MachineActivities, machine: string, image: string) {
  const found = await on.ensureImage({ image });
  week.keep(`image ${image} on ${machine}`, found.digest ?? found.id);
  return found;
}
