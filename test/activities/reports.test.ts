// The report that stays: in every form, whole, and an error that says how to mend it. And what reports have on record.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { reportActivities } from '../../activities/reports.ts';
import { began } from '../client/fixtures.ts';
import type { WeekState } from '../../plan/state.ts';
import { good, incident } from '../plan/good-week.ts';
import { temporaryMachine } from './machine.ts';

it('is written in every form, again over the old one, and leaves nothing half', async () => {
  const { state: directory } = await temporaryMachine();
  const reports = join(directory, 'a/b');
  const { writeReport } = reportActivities({ HUBSHIFT_REPORTS: reports });
  const state = good();
  const files = await writeReport({ state, at: began });
  expect(files).toEqual(['md', 'html', 'json'].map((form) => join(reports, `${state.run}.${form}`)));
  expect(await writeReport({ state, at: began })).toEqual(files);
  expect(readdirSync(reports).sort()).toEqual(['html', 'json', 'md'].map((form) => `${state.run}.${form}`));
  expect(JSON.parse(readFileSync(files[2]!, 'utf8'))).toMatchObject({ run: state.run });
});

it('that can not be written says where, why and how to mend it', async () => {
  const { state: directory } = await temporaryMachine();
  writeFileSync(join(directory, '../file'), '');
  await expect(reportActivities({ HUBSHIFT_REPORTS: join(directory, '../file/below') }).writeReport({ state: good(), at: began })).rejects.toThrow(/can't be written to .*file\/below \(E.*HUBSHIFT_REPORTS/);
});

it('has a level 3 on record: of the same plan, whole and in time; the one that undid most, then the newest', async () => {
  const { state: directory } = await temporaryMachine();
  const reports = join(directory, 'reports');
  const { writeReport, findLevelThree } = reportActivities({ HUBSHIFT_REPORTS: reports });
  const entry = (target: string, result: 'undone' | 'left' = 'undone') => ({ machine: 'PC2', entry: 1, step: '', kind: 'container.remove' as const, target, result, ms: 1 });
  const level3 = (run: string, change: Partial<WeekState> = {}) => good({ run, status: 'rolled back', undone: [entry('edgehub')], incidents: [incident({ level: 3, startedAt: began, endedAt: began + 4_100 })], ...change });
  const { footprint } = good();
  expect(await findLevelThree({ footprint })).toBeNull();

  const none = [
    level3('a', { footprint: 'another plan' }),
    level3('b', { status: 'completed' }),
    level3('c', { incidents: [incident({ level: 3, withinLimit: false })] }),
    level3('d', { incidents: [incident({ level: 3, result: 'failed' })] }),
    level3('e', { incidents: [incident({ level: 2 })] }),
  ];
  for (const state of none) await writeReport({ state, at: began });
  for (const text of ['', 'null', '{"footprint":', '[]']) writeFileSync(join(reports, `x${text.length}.json`), text);
  expect(await findLevelThree({ footprint })).toBeNull();

  await writeReport({ state: level3('f', { undone: [entry('edgehub'), entry('nats-pc2'), entry('nats-pc2'), entry('left', 'left')] }), at: began });
  await writeReport({ state: level3('g'), at: began });
  expect(await findLevelThree({ footprint })).toEqual({ run: 'f', at: began + 4_100, ms: 4_100, undone: ['PC2: container.remove edgehub', 'PC2: container.remove nats-pc2'] });
  await writeReport({ state: level3('h', { undone: [entry('edgehub'), entry('nats-pc2')], incidents: [incident({ level: 3, startedAt: began, endedAt: began + 5_000 })] }), at: began });
  expect(await findLevelThree({ footprint })).toMatchObject({ run: 'h', ms: 5_000 });
});
