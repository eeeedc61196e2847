// Weeks that are broken from outside, never by the product: each undoes itself to Phase 1.
import { appendFile, writeFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { changesSince, differences, fingerprint, type Fingerprint } from './fingerprint.ts';
import {
  atStep,
  follow,
  freshLab,
  hubshift,
  isStatus,
  labDown,
  progress,
  report,
  variant,
  type LabStatus,
} from './lab.ts';

let lab: LabStatus;
let phase1: Fingerprint;
const onPc2 = (...args: string[]) => execa('nsenter', ['--net=/var/run/netns/pc2', ...args], { timeout: 10_000 });

beforeAll(async () => {
  lab = await freshLab();
  phase1 = await fingerprint(lab.machines);
});
afterEach(async () => {
  await execa('nsenter', ['--net=/var/run/netns/pc2', 'nft', 'delete', 'table', 'inet', 'broken_by_test'], {
    reject: false,
    timeout: 10_000,
  });
  if (!['rolled back', 'completed'].includes((await progress())?.glance.status ?? 'rolled back'))
    await hubshift('rollback', '--reason', 'the test is over');
});
afterAll(() => labDown({ report: () => undefined }));

test('the fingerprint sees an extra file, a changed byte and a foreign table', async () => {
  const file = join(lab.machines[1]!.root, 'pc2_code', 'config', 'extra.yaml');
  await writeFile(file, 'a: 1\n');
  const extra = await fingerprint(lab.machines);
  expect(differences(phase1, extra)).toHaveLength(1);
  await appendFile(file, 'b: 2\n');
  expect(differences(extra, await fingerprint(lab.machines))).toHaveLength(1);
  await rm(file);
  await onPc2('nft', 'add table inet broken_by_test');
  expect(differences(phase1, await fingerprint(lab.machines))).toHaveLength(1);
  await onPc2('nft', 'delete table inet broken_by_test');
  expect(differences(phase1, await fingerprint(lab.machines))).toEqual([]);
});

async function startUndoAll(): Promise<void> {
  const plan = variant('undo-all.yaml', { 'failure.onFailure': 'undo-all' });
  const { exitCode, stderr } = await hubshift('start', '--plan', plan, '--rehearsal', '10000');
  expect(exitCode, stderr).toBe(0);
}

test('a week whose cluster can not form in 2C ends in Phase 1', async () => {
  await startUndoAll();
  await follow(({ glance }) => glance.phase === '2B', 4 * 60_000);
  // Somebody's firewall between the machines: the cluster ports are dropped.
  await onPc2('nft', 'add table inet broken_by_test');
  await onPc2('nft', 'add chain inet broken_by_test pre { type filter hook prerouting priority -310; }');
  await onPc2('nft', 'add chain inet broken_by_test out { type filter hook output priority -310; }');
  for (const chain of ['pre', 'out'])
    await onPc2('nft', `add rule inet broken_by_test ${chain} tcp dport { 6222, 6223 } drop`);
  await follow(isStatus('rolled back'), 6 * 60_000);
  const { history } = await report();
  expect(history.find(({ id }) => id === '2C.check.cluster')?.verdict).toBe('fail');
  await onPc2('nft', 'delete table inet broken_by_test');
  expect(await changesSince(phase1, lab.machines)).toEqual([]);
});

test('a week whose second pilot logs an error in its log watch ends in Phase 1', async () => {
  await startUndoAll();
  await follow(atStep('2D.deploy.resource_manager.log-watch'), 10 * 60_000);
  await appendFile(
    join(lab.machines[1]!.root, 'pc2_code', 'logs', 'resource_manager.log'),
    '2026-01-01T00:00:00.000Z ERROR written by somebody else\n',
  );
  await follow(isStatus('rolled back'), 3 * 60_000);
  const { history } = await report();
  expect(history.find(({ id }) => id === '2D.deploy.resource_manager.log-watch')).toMatchObject({ verdict: 'fail' });
  expect(await changesSince(phase1, lab.machines)).toEqual([]);
});
