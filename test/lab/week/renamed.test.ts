// The same week with every machine, service and agent renamed and every port moved: nothing in the code may know a name.
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { differences, fingerprint, type Fingerprint } from './fingerprint.ts';
import { follow, freshLab, hubshift, isStatus, labDown, notPassed, report, type LabStatus } from './lab.ts';

let lab: LabStatus;
let phase1: Fingerprint;

beforeAll(async () => {
  lab = await freshLab(fileURLToPath(new URL('../../plans/renamed.yaml', import.meta.url)));
  phase1 = await fingerprint(lab.machines);
});
afterAll(() => labDown({ report: () => undefined }));

test('every step and check passes under other names and ports, and is undone', async () => {
  expect(lab.machines.map(({ name }) => name)).toEqual(['North', 'South']);
  expect((await hubshift('start', '--rehearsal', '10000')).exitCode).toBe(0);
  await follow(isStatus('deciding'), 12 * 60_000);
  expect(notPassed(await report())).toEqual([]);
  const { exitCode, stderr } = await hubshift('rollback', '--reason', 'the test is over');
  expect(exitCode, stderr).toBe(0);
  expect(differences(phase1, await fingerprint(lab.machines))).toEqual([]);
});
