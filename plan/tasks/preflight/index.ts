// The preflight: everything that can be known before the first change. It finds CentralHub.
import type { Task } from '../contract.ts';
import { hubUrl } from '../shared/hubs.ts';
import { knownBad } from './known-bad.ts';
import { rows } from './rows.ts';

export const preflight = {
  called: 'The preflight',
  standsOn: [],
  changesNothing: true,
  looksFirst: true,
  services: {
    'central-hub': {
      ports: ({ port }) => [{ host: port, container: port }],
      healthUrl: (hub) => `${hubUrl(hub)}/-/ready`,
      hub: true,
    },
  },
  references: ({ services }, refuse) => {
    const count = services.filter(({ kind }) => kind === 'central-hub').length;
    if (count !== 1) refuse(['services'], `exactly one service of kind central-hub; found ${count}`);
  },
  rows: () => rows,
  knownBad,
  report: { heading: 'Before the first change', place: 1 },
} satisfies Task;
