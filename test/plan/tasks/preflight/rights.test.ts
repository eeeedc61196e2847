// All that a preflight objects to, or warns of, is shown to who begins a week over it.
import { expect, it } from 'vitest';
import type { Right } from '../../../../plan/machine-api/host.ts';
import { whyUntold } from '../../../../plan/tasks/preflight/edits.ts';
import { machinesAgree } from '../../../../plan/tasks/preflight/verdicts/machines.ts';
import { rightsAreThere } from '../../../../plan/tasks/preflight/verdicts/rights.ts';
import { fitted, wholeRecordBytes } from '../../../../plan/week/record.ts';
import { weekPlan } from '../plan.ts';

const seven = [1, 2, 3, 4, 5, 6, 7];
const recorded = (rights: Right[], known: string[] = []) => {
  const found = rightsAreThere([{ machine: 'PC2', rights }], known);
  const row = { id: 'preflight.rights', machine: 'PC2', startedAt: 1e12, endedAt: 1e12, attempts: 1, ...found };
  return fitted(row, wholeRecordBytes);
};

it('names every right that is missing, however many', () => {
  const held = recorded(
    seven.map((n) => ({ what: `port 910${n}`, ok: false, detail: `held by pid ${n} ${'x'.repeat(100)}` })),
  );
  expect(held.verdict).toBe('fail');
  for (const n of seven) expect(held.summary).toContain(`PC2: port 910${n}: held by pid ${n}`);
  expect(held.evidence).toMatchObject({ missing: 7 });
});

it('tells once what is missing of several, of each machine', () => {
  const detail = '/a.yaml can not be written';
  const rights = ['file /a.yaml', 'edit of /a.yaml'].map((what) => ({ what, ok: false, detail }));
  const found = rightsAreThere(['PC1', 'PC2'].map((machine) => ({ machine, rights })));
  expect(found).toMatchObject({
    verdict: 'fail',
    summary: `PC1: file /a.yaml, edit of /a.yaml: ${detail}; PC2: file /a.yaml, edit of /a.yaml: ${detail}`,
    evidence: { checked: 4, missing: 4 },
  });
});

it('names and counts every warning, however many', () => {
  const rights = seven.map((n) => ({ what: `program ${n}`, ok: true, detail: 'RUNNING', warning: `${n} is slow` }));
  const warned = recorded(rights, [`what is known of the plan ${'x'.repeat(600)}`]);
  expect(warned.verdict).toBe('pass');
  for (const n of seven) expect(warned.summary).toContain(`warning: ${n} is slow`);
  expect(warned.summary).toContain('warning: what is known of the plan');
  expect(warned.evidence).toMatchObject({ warnings: 8 });
});

it('fails over a plan whose pilots have no subject, as the template of 2D would', () => {
  const plan = weekPlan();
  expect(whyUntold(plan)).toEqual([]);
  for (const stream of plan.messaging.streams)
    stream.publishes = stream.publishes.filter((subject) => !subject.includes('pc2'));
  const [why, ...others] = whyUntold(plan);
  expect([why, others]).toEqual([expect.stringContaining('PC2'), []]);
  const right = { what: 'Docker', ok: true, detail: 'answers' };
  const found = rightsAreThere([{ machine: 'PC2', rights: [right] }], ['known'], whyUntold(plan));
  expect(found).toMatchObject({ verdict: 'fail', summary: why });
});

it('names every difference between the plans of workers and the one of the run', () => {
  const { machines } = weekPlan();
  const other = { address: '10.0.0.1', root: '/other', docker: '/d.sock', supervisor: '/s.sock', state: '/elsewhere' };
  const facts = machines.map(({ name }) => ({
    machine: name,
    hostname: name,
    build: 'one',
    node: '',
    uid: 0,
    clockOffsetMs: 0,
    planned: other,
  }));
  const { summary } = machinesAgree(1_000, { machines, control: 'one' })(facts);
  for (const { name } of machines)
    for (const key of Object.keys(other)) expect(summary).toContain(`the worker of ${name} has ${key} `);
});
