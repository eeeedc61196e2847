// The preflight: everything that can be known before the first change. It finds CentralHub.
import type { Task } from '../contract.ts';
import { serviceOf } from '../../schema/plan.ts';
import { hubTarget } from '../shared/hubs.ts';
import { ofLabels } from '../shared/versions.ts';
import { fallbacks } from './fallbacks.ts';
import { knownBad } from './known-bad.ts';
import { purpose } from './purpose.ts';
import { rows } from './rows.ts';

export const preflight = {
  called: 'The preflight',
  purpose,
  standsOn: [],
  changesNothing: true,
  looksFirst: true,
  services: {
    'central-hub': {
      ports: ({ port }) => [{ host: port, container: port }],
      healthTarget: (hub) => hubTarget(hub, '/-/ready'),
      oldest: (plan) =>
        ofLabels(serviceOf(plan, 'edge-hub')) ?? { version: '2.33', lacks: '--web.enable-remote-write-receiver' },
      hub: true,
    },
  },
  fallbacks,
  references: ({ services }, refuse) => {
    const count = services.filter(({ kind }) => kind === 'central-hub').length;
    if (count !== 1)
      refuse(
        ['services'],
        `exactly one service of kind central-hub, such as { kind: central-hub, machine: MainPC, config: /etc/prometheus/prometheus.yml }; found ${count}`,
      );
  },
  rows,
  knownBad,
  report: { heading: 'Before the first change', place: 1 },
} satisfies Task;
