// Weeks that are broken from outside, never by the product: each undoes itself to Phase 1.
import { appendFile, writeFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { differences, fingerprint } from './fingerprint.ts';
import { atStep, follow, isStatus, must, report, startQuickly, variant } from './lab.ts';
import { endWeek, useLab } from './use-lab.ts';

const lab = useLab();
afterEach(() => endWeek(lab));

test('the fingerprint sees an extra file, a changed byte and a foreign table', async () => {
  const file = join(lab.machine('PC2').root, 'pc2_code', 'config', 'extra.yaml');
  await writeFile(file, 'a: 1\n');
  const extra = await fingerprint(lab.machines);
  expect(differences(lab.phase1, extra)).toHaveLength(1);
  await appendFile(file, 'b: 2\n');
  expect(differences(extra, await fingerprint(lab.machines))).toHaveLength(1);
  await rm(file);
  await lab.filter('PC2');
  expect(differences(lab.phase1, await fingerprint(lab.machines))).toHaveLength(1);
  await lab.unfilter();
  expect(differences(lab.phase1, await fingerprint(lab.machines))).toEqual([]);
});

const undoAll = (changes = {}) => variant('undo-all.yaml', { 'failure.onFailure': 'undo-all', ...changes });

test('a week whose cluster can not form in 2C ends in Phase 1', async () => {
  await startQuickly([], undoAll({ holdBefore: ['2C'], 'messaging.formWithin': '10s' }));
  await follow(isStatus('paused'), 4 * 60_000);
  // Somebody's firewall between the machines: the cluster ports are dropped.
  for (const hook of ['prerouting', 'output'])
    await lab.filter(
      'PC2',
      `add chain inet by_test ${hook} { type filter hook ${hook} priority -310; }`,
      `add rule inet by_test ${hook} tcp dport { 6222, 6223 } drop`,
    );
  await must('resume');
  await follow(isStatus('rolled back'), 6 * 60_000);
  const { history } = await report();
  expect(history.find(({ id }) => id === '2C.check.cluster')?.verdict).toBe('fail');
  await lab.unfilter();
  expect(await lab.changes()).toEqual([]);
});

test('a week whose second pilot logs an error in its log watch ends in Phase 1', async () => {
  await startQuickly(['2D.deploy.resource_manager.log-watch'], undoAll());
  await follow(atStep('2D.deploy.resource_manager.log-watch'), 4 * 60_000);
  await appendFile(
    join(lab.machine('PC2').root, 'pc2_code', 'logs', 'resource_manager.log'),
    '2026-01-01T00:00:00.000Z ERROR written by somebody else\n',
  );
  await follow(isStatus('rolled back'), 3 * 60_000);
  const { history } = await report();
  expect(history.find(({ id }) => id === '2D.deploy.resource_manager.log-watch')).toMatchObject({ verdict: 'fail' });
  expect(await lab.changes()).toEqual([]);
});
