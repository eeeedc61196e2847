// hubshift show: what is going to be done to a pilot, and why it can't be shown.
import { expect, it } from 'vitest';
import { preparedLines } from '../../../client/show/prepared.ts';
import { pilotOf, refuseUnprepared } from '../../../client/week/prepared.ts';
import type { PreparedDeployment } from '../../../plan/machine-api/agents.ts';
import { began, plan } from '../fixtures.ts';

const prepared: PreparedDeployment = {
  agent: 'resource_manager',
  machine: 'PC2',
  at: began,
  from: 'a',
  to: 'b',
  commands: ['supervisorctl stop resource_manager', 'cp a.yaml.new a.yaml'],
  difference: '--- a.yaml (now)\n+++ a.yaml (new)\n@@ -1 +1,2 @@\n+nats:\n',
  check: null,
};
const of = { run: 'week-1', agent: 'resource_manager', machine: 'PC2', named: false };

it('shows the commands in order, the check or that there is none, and the difference', () => {
  expect(preparedLines(prepared, 'week-1')).toEqual([
    'resource_manager on PC2, prepared 2026-07-23 10:00:00 UTC, in run week-1',
    '',
    '  1. supervisorctl stop resource_manager',
    '  2. cp a.yaml.new a.yaml',
    '',
    expect.stringMatching(/^check: the agent has none of its own .*not known before the deployment$/),
    '',
    '--- a.yaml (now)',
    '+++ a.yaml (new)',
    '@@ -1 +1,2 @@',
    '+nats:',
  ]);
  const check = { command: ['agent', '--check', 'a.yaml.new'], ok: false, output: 'reading\nno such key\n' };
  expect(preparedLines({ ...prepared, check }, 'week-1')).toContain(
    'check: agent --check a.yaml.new: refuses it: no such key',
  );
  expect(preparedLines({ ...prepared, anew: true }, 'week-1')[0]).toMatch(
    /^resource_manager on PC2, prepared anew in the deployment 2026/,
  );
  expect(preparedLines({ ...prepared, difference: '' }, 'week-1').at(-1)).toBe('Its file stays as it is.');
});

it('finds a pilot by its name, and says who the pilots are to one who names no pilot', () => {
  expect(pilotOf(plan, 'resource_manager').machine).toBe('PC2');
  expect(() => pilotOf(plan, 'pc2_sentinel')).toThrow(/pc2_sentinel is no pilot: .*Its pilots are .*resource_manager/);
  expect(() => pilotOf(plan, 'nobody')).toThrow(/has no agent nobody\. Its pilots are /);
});

it('says why there is nothing to show', () => {
  expect(refuseUnprepared({ missing: [], prepared }, of)).toBe(prepared);
  expect(() => refuseUnprepared({ missing: [], prepared: null }, of)).toThrow(
    /Run week-1 has prepared nothing for resource_manager on PC2 yet/,
  );
  expect(() => refuseUnprepared({ missing: [], prepared: null }, { ...of, named: true })).toThrow(
    /there is no such run\. hubshift runs lists them/,
  );
  expect(() => refuseUnprepared({ missing: [], prepared: null, tooOld: true }, of)).toThrow(/earlier build/);
});
