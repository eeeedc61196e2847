// No check can pass in a world that it should not pass in: each is tried in broken ones, on the way through one whole week.
import { expect, test } from 'vitest';
import { stepsOf } from '../../plan/tasks/steps.ts';
import { week1Plan } from './harness.ts';
import { weekOfSabotages } from './sabotage.ts';
import { sabotages } from './sabotages.ts';
import { useServer } from './server.ts';

// An impact that is no pass is looked at again, six times as long after.
const plan = week1Plan(({ watch, services }) => {
  Object.assign(watch, { baseline: 60_000 });
  for (const service of services) {
    if (service.kind === 'edge-hub')
      Object.assign(service, {
        resources: { cpus: 1.5, memory: 2 ** 30 },
        logs: { maxSize: 2 ** 20, maxFiles: 3 },
        alerting: { alertmanagers: [{ target: 'PC2:9093', scheme: 'http', path: '/' }] },
      });
    if (service.kind === 'nats') Object.assign(service, { jetstream: { maxFileStore: 2 ** 30 } });
  }
});
// Of a kind that the week has no row for.
Object.assign(
  plan.agents.find(({ name }) => name === 'observability_hub')!,
  {
    functions: [{ name: 'hubs', method: 'GET', path: '/hubs', pointer: '/hubs/count', matches: '^[\\d.]+$' }],
  },
);
// The judges are tried on samples of their own: nothing in the world can break that.
const checks = stepsOf(plan).flatMap(({ id, kind }) => (kind === 'check' && id !== 'preflight.judges' ? [id] : []));

const lab = useServer(540_000);

test('every check has a sabotage, and every sabotage its row', () => {
  expect(
    checks.filter((id) => !sabotages[id]?.length),
    'checks without a sabotage',
  ).toEqual([]);
  // Steps that look at what they have made may be sabotaged too.
  const rows = stepsOf(plan).map(({ id }) => id);
  expect(
    Object.keys(sabotages).filter((id) => !rows.includes(id)),
    'sabotages without a row',
  ).toEqual([]);
});

test(
  'no check passes while it is sabotaged, each says why, and all pass when they are done again in a sound world',
  { timeout: 600_000 },
  async () => {
    const state = await weekOfSabotages(lab, plan, sabotages);
    expect(checks.filter((id) => state.records[id]?.verdict !== 'pass')).toEqual([]);
    expect(checks.filter((id) => state.records[id]!.attempts <= sabotages[id]!.length)).toEqual([]);
  },
);
