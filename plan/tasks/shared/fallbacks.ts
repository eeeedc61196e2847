// What the keys of a service are derived from, whatever its kind.
import { machineId } from '../../names.ts';
import { derived, type Fallbacks, type Raw, type Written } from '../../schema/fallback.ts';

/** For the services of one kind: `of` gets each, and its place among them. */
export function eachOfKind(
  { services }: Written,
  kind: string,
  of: (service: Raw, index: number) => Fallbacks,
): Fallbacks {
  let index = 0;
  return { services: services.map((service) => (service['kind'] === kind ? of(service, index++) : {})) };
}

export function textOf(service: Raw, key: string, otherwise = ''): string {
  const value = service[key];
  return typeof value === 'string' ? value : otherwise;
}

export function idOf(service: Raw): string {
  return machineId(textOf(service, 'machine'));
}

/** `/pc2/observability`: below the machine's name by what it is; the second of a kind there by its own name. */
export function baseOf({ services }: Written, service: Raw, called: string, name: string): string {
  const first = services.find(({ kind, machine }) => kind === service['kind'] && machine === service['machine']);
  return `/${idOf(service)}/${first === service ? called : name}`;
}

/** Directories below the base: where the container sees each. */
export function directoriesIn(base: string, owner: string, mounts: Record<string, string>): Fallbacks {
  return derived(
    'base',
    Object.entries(mounts).map(([name, mount]) => ({ path: `${base.replace(/\/+$/, '')}/${name}`, owner, mount })),
  );
}

/** What follows the flag in a command that the plan gives, by any of its spellings: `--flag=VALUE`, or the argument after it. The last one is what holds. */
export function saidIn(service: { command?: unknown }, ...flags: string[]): string | undefined {
  return allSaidIn(service, ...flags).at(-1);
}

/** The same of a flag that may be there several times. */
export function allSaidIn({ command }: { command?: unknown }, ...flags: string[]): string[] {
  const parts = Array.isArray(command) ? command.map(String) : [];
  return parts.flatMap((part, at) => {
    const flag = flags.find((one) => part === one || part.startsWith(`${one}=`));
    if (flag === undefined) return [];
    return part === flag ? parts.slice(at + 1, at + 2) : [part.slice(flag.length + 1)];
  });
}

export function lastPart(path: string | undefined): string | undefined {
  return path?.split('/').pop();
}

/** The port inside the container, where it is not the program's own. */
export function portInside(service: Raw, otherwise: number): number {
  const container = (service['port'] as { container?: unknown } | undefined)?.container;
  return typeof container === 'number' ? container : otherwise;
}
