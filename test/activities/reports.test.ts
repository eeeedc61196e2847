// The report that stays: in every form, whole, and an error that says how to mend it.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { reportActivities } from '../../activities/reports.ts';
import { began } from '../client/fixtures.ts';
import { good } from '../plan/good-week.ts';
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
