// What the week looks at of Docker's answer about a container.
import { runLabel, specLabel } from '../../plan/names.ts';
import type { ContainerState, Published } from '../../plan/machine-api/containers.ts';
import { portText } from '../../plan/machine-api/ports.ts';
import { isEveryInterface } from '../../plan/addresses.ts';
import { limitsIn } from './container-spec.ts';
import type { Inspected } from './container.ts';

/** `planned` gives a path of this host as the plan knows it. */
export function stateOf(found: Inspected | null, planned: (hostPath: string) => string): ContainerState {
  if (!found)
    return {
      exists: false,
      ours: false,
      run: null,
      running: false,
      status: 'missing',
      image: '',
      specDigest: null,
      restartPolicy: '',
      published: [],
      ports: [],
      binds: [],
      command: [],
      startedAt: '',
      pid: 0,
      restarts: 0,
    };
  const { State, Config, HostConfig, Mounts } = found;
  const published = portsIn(HostConfig.PortBindings as Bindings | null);
  return {
    exists: true,
    ours: runLabel in (Config.Labels ?? {}),
    run: Config.Labels?.[runLabel] ?? null,
    running: State.Running && !State.Paused && !State.Restarting,
    status: State.Status,
    image: Config.Image,
    specDigest: Config.Labels?.[specLabel] ?? null,
    restartPolicy: HostConfig.RestartPolicy?.Name ?? '',
    published,
    ports: published.map(portText).sort(),
    binds: Mounts.flatMap((mount) =>
      mount.Type === 'bind' ? [`${planned(mount.Source)}:${mount.Destination}`] : [],
    ).sort(),
    command: Config.Cmd ?? [],
    startedAt: State.StartedAt,
    pid: State.Pid,
    restarts: (found as Inspected & { RestartCount: number }).RestartCount,
    limits: limitsIn(HostConfig),
  };
}

type Bindings = Record<string, { HostIp?: string; HostPort: string }[] | null>;

/** A port that is bound at several addresses is one, with them. */
function portsIn(bindings: Bindings | null): Published[] {
  return Object.entries(bindings ?? {}).flatMap(([port, bound]) => {
    if (!port.endsWith('/tcp')) return [];
    const byHostPort = new Map<string, string[]>();
    for (const { HostIp = '', HostPort } of bound ?? [])
      byHostPort.set(HostPort, [...(byHostPort.get(HostPort) ?? []), HostIp]);
    return [...byHostPort].map(([host, addresses]) => ({
      host: Number(host),
      container: Number.parseInt(port),
      ...(!addresses.some(isEveryInterface) && { addresses }),
    }));
  });
}
