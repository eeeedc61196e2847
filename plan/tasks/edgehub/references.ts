// What the plan must hold for EdgeHub: one of it, whose command says what its other keys say.
import { promDuration, promMs } from '../../schema/duration.ts';
import type { Plan } from '../../schema/plan.ts';
import type { Refuse } from '../../schema/refuse.ts';
import { refuseElsewhere, refuseUnkept } from '../shared/answers-at.ts';
import { refuseUnnamed } from '../shared/config-directory.ts';
import { saidIn } from '../shared/fallbacks.ts';
import { ownPort, retentionFlag, retentionUnsaid, storageFlag } from './fallbacks.ts';

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
    refuseElsewhere(service, index, ownPort, refuse);
    refuseUnkept(service, saidIn(service, storageFlag), storageFlag, index, refuse);
    if (!agents.some(({ machine }) => machine === service.machine))
      refuse(['services', index, 'machine'], 'a machine with agents: it scrapes those beside it');
  });
}
