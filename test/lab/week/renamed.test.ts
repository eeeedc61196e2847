// The week with every machine, service, agent and stream renamed and every port moved: nothing knows the names of plan/week1.yaml.
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { changesSince, fingerprint, type Fingerprint } from './fingerprint.ts';
import { natsRequest } from './foreign-nats.ts';
import { follow, freshLab, hubshift, isStatus, labDown, notPassed, report, type LabStatus } from './lab.ts';

const renamed = fileURLToPath(new URL('../../plans/renamed.yaml', import.meta.url));
/** EdgeHub and CentralHub, so written, are what the two hubs are called in words. */
const namesOfWeek1 =
  /MainPC|mainpc|PC2|pc2|centralhub|edgehub|pushgateway-|nats-main|observability|resource_manager|unified_utils|sentinel/;

let lab: LabStatus;
let phase1: Fingerprint;
const machine = (name: string) => lab.machines.find((one) => one.name === name)!;

beforeAll(async () => {
  lab = await freshLab(renamed);
  phase1 = await fingerprint(lab.machines);
});
afterAll(() => labDown({ report: () => undefined }));

test('every row passes, under ids made of the new names', async () => {
  const { exitCode, stderr } = await hubshift('start', '--rehearsal', '10000');
  expect(exitCode, stderr).toBe(0);
  await follow(isStatus('deciding'), 12 * 60_000);
  const seen = await report();
  expect(notPassed(seen)).toEqual([]);
  const ids = seen.requirements.map(({ id }) => id);
  expect(ids).toEqual(
    expect.arrayContaining([
      '2B.alder.container',
      '2C.deploy.birch',
      '2C.messaging.alder-to-birch',
      '2D.deploy.keeper.system-metrics',
      '2D.deploy.toolbox.utility',
      '2D.watcher.new',
    ]),
  );
  // A row keeps its words in every plan, and a KPI its name; what was found must have no name of the packaged plan.
  const found = seen.requirements.map(({ id, machine: where, summary, evidence }) =>
    JSON.stringify({ id, where, summary, evidence }).replaceAll('kpi.edgehub-uptime', 'kpi'),
  );
  expect(found.filter((record) => namesOfWeek1.test(record))).toEqual([]);
});

test('a foreign NATS client finds the renamed streams on both servers, and no others', async () => {
  for (const [name, port] of [
    ['Alder', 4522],
    ['Birch', 4523],
  ] as const) {
    const { streams } = (await natsRequest(machine(name).address, port, '$JS.API.STREAM.NAMES')) as {
      streams: string[];
    };
    expect(streams.sort()).toEqual(['grove-alerts', 'grove-health', 'grove-metrics']);
  }
});

test('a rollback at the gate leaves Phase 1 as it was', async () => {
  const { exitCode, stdout, stderr } = await hubshift('rollback', '--reason', 'the test is over');
  expect(exitCode, stdout + stderr).toBe(0);
  expect(await changesSince(phase1, lab.machines)).toEqual([]);
});
