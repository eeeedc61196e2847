// Everything that a plan wants of its machines, in the order in which the week makes it.
import { listensAt } from '../schema/listen.ts';
import { adopts, isMade, type Plan } from '../schema/plan.ts';
import { containerSpec } from './container-spec.ts';
import { tasks } from './index.ts';
import { filesOf, portsOf } from './services.ts';
import type { Desired } from './desired.ts';

/** `sha256` digests a text. */
export function desiredStateOf(plan: Plan, sha256: (text: string) => string): Desired[] {
  const made = plan.services.filter(isMade);
  return [
    ...plan.machines.map(({ name }): Desired => {
      const here = made.filter((service) => service.machine === name);
      const addresses = listensAt(plan, name);
      const ports = here.flatMap((service) => portsOf(service).map(({ host }) => host));
      return {
        what: 'ports',
        machine: name,
        target: ports.join(', '),
        ports,
        ...(addresses && { addresses }),
        containers: here.map((service) => service.name),
      };
    }),
    ...made.flatMap((service): Desired[] => [
      ...service.directories.map(({ path, owner }): Desired => ({
        what: 'directory',
        machine: service.machine,
        target: path,
        owner,
        adopt: adopts(plan, service.name),
      })),
      ...filesOf(plan, service).map(([path, content]): Desired => ({
        what: 'file',
        machine: service.machine,
        target: path,
        sha256: sha256(content),
      })),
      {
        what: 'container',
        machine: service.machine,
        target: service.name,
        image: service.image,
        spec: containerSpec(plan, service, service.image),
        adopt: adopts(plan, service.name),
      },
    ]),
    ...tasks.flatMap(({ desired }) => desired?.(plan) ?? []),
  ];
}
