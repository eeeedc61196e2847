// EdgeHub as a plan leaves it out: a Prometheus on the machine that has no CentralHub.
import { Duration, promDuration, promMs } from '../../schema/duration.ts';
import { derived, usual, type Fallbacks, type Raw, type Written } from '../../schema/fallback.ts';
import { storageFlag } from './storage.ts';
import { baseOf, directoriesIn, eachOfKind, lastPart, portInside, saidIn, textOf } from '../shared/fallbacks.ts';
import { webArguments } from '../shared/web.ts';

export const ownPort = 9090;
const publishedPort = 9100;
const configFlag = '--config.file';
export const retentionFlag = '--storage.tsdb.retention.time';
/** Prometheus' own. */
export const retentionUnsaid = '15d';

export function usualServices({ machines, services }: Written): Raw[] {
  const taken = services.map(({ machine }) => machine);
  const machine = machines.find((name) => !taken.includes(name)) ?? machines[0];
  return [{ kind: 'edge-hub', machine }];
}

export function fallbacks(written: Written): Fallbacks {
  return eachOfKind(written, 'edge-hub', (hub) => {
    const name = textOf(hub, 'name', 'edgehub');
    const base = textOf(hub, 'base', baseOf(written, hub, 'observability', name));
    const said = lastPart(saidIn(hub, configFlag));
    const kept = hub['command'] === undefined ? undefined : inOneUnit(saidIn(hub, retentionFlag) ?? retentionUnsaid);
    const configFile = textOf(hub, 'configFile', said ?? 'prometheus-edge.yml');
    const retention = textOf(hub, 'retention', kept ?? '5m');
    const port = portInside(hub, ownPort);
    return {
      name: usual('edgehub'),
      image: usual('prom/prometheus:latest'),
      port: { host: usual(publishedPort), container: usual(ownPort) },
      base: derived('machine', base),
      directories: directoriesIn(base, '65534:65534', {
        data: '/prometheus',
        config: '/etc/prometheus',
        logs: '/var/log',
      }),
      configFile: said ? derived('command', configFile) : usual(configFile),
      retention: kept ? derived('command', retention) : usual(retention),
      command: derived('configFile, retention and port', [
        `${configFlag}=/etc/prometheus/${configFile}`,
        `${storageFlag}=/prometheus`,
        `${retentionFlag}=${spelled(retention)}`,
        '--web.console.libraries=/etc/prometheus/console_libraries',
        '--web.console.templates=/etc/prometheus/consoles',
        ...(port === ownPort ? [] : [`--web.listen-address=:${port}`]),
        ...webArguments(hub, publishedPort),
        '--web.enable-lifecycle',
        '--web.enable-remote-write-receiver',
      ]),
      externalLabels: derived('name', { hub: name }),
    };
  });
}

/** Prometheus has no 2.5h. */
function spelled(text: string): string {
  const parsed = Duration.safeParse(text);
  return parsed.success && text.includes('.') ? promDuration(parsed.data) : text;
}

/** A plan has no 1h30m. */
function inOneUnit(text: string): string {
  return Duration.safeParse(text).success ? text : promDuration(promMs(text));
}
