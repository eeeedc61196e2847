// What the plan must hold for EdgeHub: one of it, whose command says what its other keys say.
import { promDuration, promMs } from '../../schema/duration.ts';
import type { Plan } from '../../schema/plan.ts';
import type { Refuse } from '../../schema/refuse.ts';
import { refuseUnnamed } from '../shared/config-directory.ts';
import { saidIn } from '../shared/fallbacks.ts';
import { retentionFlag, retentionUnsaid } from './fallbacks.ts';
import type { EdgeHub } from './schema.ts';

export function references({ services }: Plan, refuse: Refuse): void {
  const count = services.filter(({ kind }) => kind === 'edge-hub').length;
  if (count !== 1) refuse(['services'], `exactly one service of kind edge-hub; found ${count}`);
}

export function contradictions({ services, agents }: Plan, refuse: Refuse): void {
  services.forEach((service, index) => {
    if (service.kind !== 'edge-hub') return;
    refuseUnnamed(service, index, refuse);
    const said = saidIn(service, retentionFlag);
    if (promMs(said ?? retentionUnsaid) !== service.retention)
      refuse(
        ['services', index, 'retention'],
        `${said ?? retentionUnsaid}, which ${said ? `its command says with ${retentionFlag}` : `holds without ${retentionFlag} in its command`}, or there ${promDuration(service.retention)}`,
      );
    if (prefixOf(service) !== '/')
      refuse(
        ['services', index, 'command'],
        'no --web.route-prefix, nor a path in --web.external-url: it is asked at /',
      );
    if (!agents.some(({ machine }) => machine === service.machine))
      refuse(['services', index, 'machine'], 'a machine with agents: it scrapes those beside it');
  });
}

/** Prometheus answers below the path of its external URL, where nothing else is said. */
function prefixOf(hub: EdgeHub): string {
  const external = saidIn(hub, '--web.external-url') ?? '';
  return saidIn(hub, '--web.route-prefix') ?? (URL.canParse(external) ? new URL(external).pathname : '/');
}
