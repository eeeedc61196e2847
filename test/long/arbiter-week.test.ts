// Some eight minutes. The whole week with a third voter on a machine of its own: with the server beside EdgeHub stopped, and cut off, writes go on.
import { readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseDocument, type YAMLMap } from 'yaml';
import { follow, isStatus, must, notPassed, report, weekPlan } from '../lab/week/lab.ts';
import { useLab } from '../lab/week/use-lab.ts';

const lab = useLab(() => ({ plan: arbiterPlan() }));

test('every step and check passes, and who writes goes on without the machine of EdgeHub', async () => {
  await must('start', '--yes', '--rehearsal', '10000');
  await follow(isStatus('deciding'), 15 * 60_000);
  const seen = await report();
  expect(notPassed(seen)).toEqual([]);
  const said = (id: string) => seen.requirements.find((row) => row.id === id)?.summary ?? '';
  expect(said('preflight.topology')).toMatch(/3 JetStream voters, quorum 2: survives the loss of 1/);
  expect(said('2C.resilience.node-down')).toMatch(/core, reads and writes went on/);
  expect(said('2C.resilience.partition-local')).toMatch(/and writes at nats-main; longest stall \d+ ms/);
  console.log(`${said('2C.resilience.node-down')}\n${said('2C.resilience.partition-local')}`);
});

test('a rollback at the gate leaves Phase 1 as it was', async () => {
  await must('rollback', '--reason', 'the test is over');
  expect(await lab.changes()).toEqual([]);
});

/** The packaged plan with an arbiter, the last of its list; each stream has a replica on every server. */
function arbiterPlan(): string {
  const document = parseDocument(readFileSync(weekPlan, 'utf8'));
  document.addIn(['machines'], document.createNode({ name: 'Witness', address: '10.77.0.3' }));
  const services = document.toJS().services as { name: string; base: string }[];
  const text = JSON.stringify(services.find(({ name }) => name === 'nats-main'));
  const arbiter = JSON.parse(text.replaceAll('nats-main', 'nats-arbiter').replaceAll('MainPC', 'Witness')) as object;
  document.addIn(['services'], document.createNode(arbiter));
  document.setIn(['messaging', 'topology'], 'arbiter');
  const streams = document.getIn(['messaging', 'streams']) as { items: YAMLMap[] };
  for (const stream of streams.items) stream.set('replicas', 3);
  const file = join(tmpdir(), 'hubshift-arbiter-week.yaml');
  writeFileSync(file, document.toString({ lineWidth: 0 }));
  return file;
}
