// Pushgateways as a plan leaves them out: one on each machine, scraped by CentralHub and by the hub beside it.
import { derived, usual, type Fallbacks, type Raw, type Written } from '../../schema/fallback.ts';
import { baseOf, directoriesIn, eachOfKind, idOf, portInside, textOf } from '../shared/fallbacks.ts';
import { webArguments } from '../shared/web.ts';

export const ownPort = 9091;
export const storageFlag = '--persistence.file';
/** That of its image. */
export const workingDirectory = '/pushgateway';
const publishedPort = 9091;
/** Each has another, so that none is taken for another's. */
const testValues = [123, 456, 789];

export function usualServices({ machines }: Written): Raw[] {
  return machines.map((machine) => ({ kind: 'pushgateway', machine }));
}

export function fallbacks(written: Written): Fallbacks {
  return eachOfKind(written, 'pushgateway', (gateway, index) => {
    const name = textOf(gateway, 'name', `pushgateway-${idOf(gateway)}`);
    const base = textOf(gateway, 'base', baseOf(written, gateway, 'pushgateway', name));
    const port = portInside(gateway, ownPort);
    const hubs = written.services.filter(
      ({ kind, machine }) => kind === 'central-hub' || (kind === 'edge-hub' && machine === gateway['machine']),
    );
    return {
      name: derived('machine', name),
      image: usual('prom/pushgateway:latest'),
      port: { host: usual(publishedPort), container: usual(ownPort) },
      base: derived('machine', base),
      directories: directoriesIn(base, '65534:65534', { data: '/data' }),
      command: derived('port', [
        ...(port === ownPort ? [] : [`--web.listen-address=:${port}`]),
        ...webArguments(gateway, publishedPort),
        `${storageFlag}=/data/pushgateway.db`,
        '--persistence.interval=5m',
      ]),
      scrapedBy: derived(
        'the hubs',
        hubs.map((hub) => hub['name']),
      ),
      test: {
        metric: derived('name', `test_metric_${(name.split('-').pop() ?? name).replaceAll(/\W/g, '_')}`),
        value: usual(testValues[index % testValues.length]),
        job: usual('test'),
        instance: derived('machine', idOf(gateway)),
      },
    };
  });
}
