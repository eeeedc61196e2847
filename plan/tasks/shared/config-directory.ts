// Where a container's configuration files are.
import type { Refuse } from '../../schema/refuse.ts';

interface Configured {
  name: string;
  command: string[];
  directories: { path: string; owner: string; mount: string }[];
  configFile: string;
}

/** Directory of a service's configuration files: the one whose mount its command points into. */
export function configDirectory(service: Configured): Configured['directories'][number] {
  const found = namedDirectory(service);
  if (!found) throw new Error(`The command of ${service.name} names no ${service.configFile} in one of its mounts`);
  return found;
}

export function namedDirectory({
  command,
  directories,
  configFile,
}: Configured): Configured['directories'][number] | undefined {
  // Exactly: "/etc/prometheus/x.yml" also contains "/prometheus/x.yml", which is another mount.
  const named = (path: string) => command.some((part) => part === path || part.endsWith(`=${path}`));
  return directories.find((directory) => named(`${directory.mount}/${configFile}`));
}

/** A command that names another file than the plan's, or none, leaves the container without the week's configuration. */
export function refuseUnnamed(service: Configured, index: number, refuse: Refuse): void {
  if (!namedDirectory(service))
    refuse(
      ['services', index, 'command'],
      `${service.configFile} (its configFile) in the mount of one of its directories`,
    );
}

export function configPath(service: Configured): string {
  return `${configDirectory(service).path}/${service.configFile}`;
}
