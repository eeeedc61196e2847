// Who asks and is refused has found nothing: no judge takes that for a failure, and none for a pass.
import { expect, it } from 'vitest';
import type { ContainerState } from '../../../plan/machine-api/containers.ts';
import { keptItsSamples } from '../../../plan/tasks/edgehub/verdicts.ts';
import { deployed, healthy } from '../../../plan/tasks/pilots/verdicts/deployment.ts';
import { pushed } from '../../../plan/tasks/pushgateways/verdicts.ts';
import { reachableFromAll, runningAndReady } from '../../../plan/tasks/shared/container.ts';
import { noWorse } from '../../../plan/tasks/shared/health.ts';
import type { Evaluation } from '../../../plan/week/record.ts';

const error = 'answered 401 (it refuses the basicAuth of the plan: passwordFile /etc/site/password)';
const probe = { url: 'https://PC2:9100/', ok: false, status: 401, latencyMs: 1, error };
const refused = { unknown: true } as const;

it.each<[string, (answer: { unknown?: true }) => Evaluation]>([
  [
    'a container',
    (answer) => runningAndReady({ state: { running: true } as ContainerState, ready: { ...probe, ...answer } }),
  ],
  ['a look from everywhere', (answer) => reachableFromAll([{ from: 'PC2', probe: { ...probe, ...answer } }])],
  ['agents', (answer) => noWorse([])({ targets: null, agents: [{ name: 'one', ok: false, error, ...answer }] })],
  ['a push', (answer) => pushed(5)({ probe: { ...probe, ...answer }, read: { value: 4 } })],
  [
    'a deployment',
    (answer) => deployed({ pid: 7, state: 'UNHEALTHY', downMs: 1, sha256: 'x', action: 'swapped', error, ...answer }),
  ],
  ['an agent', (answer) => healthy('one')({ found: false, value: null, waitedMs: 1, error, ...answer })],
  [
    'a restart',
    (answer) =>
      keptItsSamples({
        before: { sequences: [[1, 9]], samples: 9 },
        after: { sequences: [[1, 9]], samples: 9 },
        startedBefore: 'a',
        startedAfter: 'b',
        ready: { ok: false, waitedMs: 1, error, ...answer },
      }),
  ],
])('%s', (_what, judged) => {
  expect(judged({})).toMatchObject({ verdict: 'fail', summary: expect.stringContaining(error) });
  expect(judged(refused)).toMatchObject({ verdict: 'inconclusive', summary: expect.stringContaining(error) });
});
