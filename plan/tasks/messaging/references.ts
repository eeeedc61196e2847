// What the plan must hold for the cluster: voters for its topology, and servers for the replicas.
import type { Plan } from '../../schema/plan.ts';
import { unique, type Refuse } from '../../schema/refuse.ts';

export function references({ services, messaging: { topology, streams } }: Plan, refuse: Refuse): void {
  unique(
    streams.map(({ name }) => name),
    (index) => refuse(['messaging', 'streams', index, 'name'], 'a name that no other stream has'),
  );
  const voters = services.filter(({ kind }) => kind === 'nats').length;
  if (topology === 'pair' && voters !== 2)
    refuse(['messaging', 'topology'], `two services of kind nats for a pair; found ${voters}`);
  if (topology === 'arbiter' && (voters < 3 || voters % 2 === 0))
    refuse(
      ['messaging', 'topology'],
      `an odd number of nats services, three or more, with an arbiter; found ${voters}`,
    );
  streams.forEach(({ replicas }, index) => {
    if (replicas > voters)
      refuse(['messaging', 'streams', index, 'replicas'], `at most ${voters}, the number of nats services`);
  });
}
