// Containers that would be in each other's way on a machine, and ports in each other's way inside one.
import { portsOf } from '../tasks/services.ts';
import { bare } from '../tasks/shared/mounts.ts';
import { isMade, type Plan } from './plan.ts';
import { unique, type Refuse } from './refuse.ts';

export function refuseCollisions({ services }: Plan, refuse: Refuse): void {
  const seen: { machine: string; name: string; base: string }[] = [];
  services.forEach((service, index) => {
    if (!isMade(service)) return;
    const { machine, name, directories } = service;
    const at = ['services', index];
    const within = (key: 'path' | 'mount') => directories.map((directory) => bare(directory[key]));
    for (const key of ['path', 'mount'] as const)
      unique(within(key), (place) =>
        refuse([...at, 'directories', place, key], 'one that no other directory of this service has'),
      );
    unique(
      portsOf(service).map(({ container }) => String(container)),
      () => refuse(at, 'ports that differ inside its container'),
    );
    const base = bare(service.base);
    const other = seen.find((one) => one.machine === machine && (isIn(base, one.base) || isIn(one.base, base)));
    if (other)
      refuse(
        [...at, 'base'],
        `a directory apart from ${other.base}: an undo of ${other.name} or ${name} removes its own`,
      );
    seen.push({ machine, name, base });
  });
}

function isIn(path: string, directory: string): boolean {
  return path === directory || path.startsWith(`${directory}/`);
}
