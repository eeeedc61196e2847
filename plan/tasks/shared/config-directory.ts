// Where a container's configuration files are.

interface Configured {
  name: string;
  command: string[];
  directories: { path: string; owner: string; mount: string }[];
  configFile: string;
}

/** Directory of a service's configuration files: the one whose mount its command points into. */
export function configDirectory({
  name,
  command,
  directories,
  configFile,
}: Configured): Configured['directories'][number] {
  // Exactly: "/etc/prometheus/x.yml" also contains "/prometheus/x.yml", which is another mount.
  const named = (path: string) => command.some((part) => part === path || part.endsWith(`=${path}`));
  const found = directories.find((directory) => named(`${directory.mount}/${configFile}`));
  if (!found) throw new Error(`The command of ${name} names no ${configFile} in one of its mounts`);
  return found;
}

export function configPath(service: Configured): string {
  return `${configDirectory(service).path}/${service.configFile}`;
}
