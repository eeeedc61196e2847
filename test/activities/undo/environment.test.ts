// The way back of a variable in a program's environment: what of the file is taken up with it, and what goes on waiting.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { beforeEach, expect, it, vi } from 'vitest';
import type { Entry } from '../../../activities/ledger/journal.ts';
import { sha256 } from '../../../activities/files/disk.ts';
import { sectionsOf } from '../../../activities/supervisor/sections.ts';
import { restoreEnvironment } from '../../../activities/undo/environment.ts';
import { temporaryMachine } from '../machine.ts';

const section = 'program:toy';
const sectionIn = (text: string) => JSON.stringify([...(sectionsOf(Buffer.from(text)).get(section) ?? [])]);

/** What supervisord has of the program, and how often that was started anew. */
const supervisord = vi.hoisted(() => ({ has: '', restarts: 0, file: '', knows: true, stops: true, isOurs: false }));

vi.mock('../../../activities/supervisor/group.ts', () => ({
  isPending: async () => sectionIn(await readFile(supervisord.file, 'utf8')) !== sectionIn(supervisord.has),
  takeUp: async () => void (supervisord.has = await readFile(supervisord.file, 'utf8')),
}));
vi.mock('../../../activities/programs/while-stopped.ts', () => ({
  whyUnknown: async () => (supervisord.knows ? null : 'unknown'),
  wasStoppedByUs: async () => supervisord.isOurs,
  whileStopped: async (_host: unknown, _program: string, _within: number, work: () => Promise<void>) => {
    if (!supervisord.stops) throw new Error('it does not stop');
    supervisord.restarts += 1;
    await work();
  },
}));

beforeEach(() => Object.assign(supervisord, { restarts: 0, knows: true, stops: true, isOurs: false }));

const before = '[program:toy]\ncommand=/bin/toy\n\n[program:other]\ncommand=/bin/other\n';
const value = '"http://PC2:9100"';
const ours = before.replace('command=/bin/toy', `environment=OBS_HUB_URL=${value}\ncommand=/bin/toy`);
const theirs = (text: string) => text.replace('/bin/toy', '/bin/toy --more');
const beside = (text: string) => text.replace('/bin/other', '/bin/other --more');

async function machine(file: string, has: string) {
  const host = await temporaryMachine();
  await writeFile(host.supervisorConfig, file);
  Object.assign(supervisord, { file: host.supervisorConfig, has });
  const backup = 'backup';
  await mkdir(host.state);
  await writeFile(`${host.state}/${backup}`, before);
  const undo = {
    kind: 'environment.restore' as const,
    program: 'toy',
    config: '/code/toy.yaml',
    path: host.supervisorConfig,
    name: 'OBS_HUB_URL',
    value,
    backup,
    originalSha256: sha256(before),
    startWithinMs: 1_000,
  };
  const entry: Entry = { n: 1, run: 'week-1', step: '2D.deploy.toy', key: 'k', undo, at: 0, wrote: [], done: true };
  const round = { known: [entry], removed: [], results: new Map(), foreseen: new Map() };
  return {
    ended: () => Object.assign(entry, { end: { result: 'undone', at: 1 } }),
    look: () => restoreEnvironment(host, undo, entry, { ...round, dryRun: true }),
    back: () => restoreEnvironment(host, undo, entry, { ...round, dryRun: false }),
    text: () => readFile(host.supervisorConfig, 'utf8'),
  };
}

it.each<[what: string, file: string, has: string, after: string, result: string, restarts: number]>([
  ['runs with it', ours, ours, before, 'undone', 1],
  ['runs with it, and another section waits', beside(ours), ours, beside(before), 'undone', 1],
  ['has a change of others that was taken up', theirs(ours), theirs(ours), theirs(before), 'undone', 1],
  ['never took it up', ours, before, before, 'undone', 0],
  ['runs without it', before, before, before, 'already', 0],
  ['runs with it, by an undo that was cut off', before, ours, before, 'undone', 1],
])('of a program that %s', async (_, file, has, after, result, restarts) => {
  const { look, back, text } = await machine(file, has);
  expect(await look()).toEqual({ result });
  expect(supervisord).toMatchObject({ has, restarts: 0 });
  expect(await back()).toEqual({ result });
  expect(await text()).toBe(after);
  expect(supervisord.restarts).toBe(restarts);
  expect(sectionIn(supervisord.has)).toBe(sectionIn(after));
  expect(await look()).toEqual({ result: 'already' });
});

it.each([
  ['with the variable', theirs(ours), ours],
  ['without it, which was never taken up', theirs(ours), before],
  ['with it, by an undo that was cut off', theirs(before), ours],
])('takes up no change of others that waits beside it: the program runs %s', async (_, file, has) => {
  const { look, back, text, ended } = await machine(file, has);
  const left = {
    result: 'left',
    detail: expect.stringMatching(
      /others have changed \[program:toy\].* waits to be taken up.*supervisorctl update toy/,
    ),
  };
  expect(await look()).toEqual(left);
  expect(await back()).toEqual(left);
  expect(await text()).toBe(theirs(before));
  expect(supervisord).toMatchObject({ has, restarts: 0 });
  ended();
  expect(await look()).toEqual({ result: 'already' });
});

it('starts nothing that somebody took out of supervisord: its file is put right', async () => {
  const { look, back, text } = await machine(ours, '[program:other]\ncommand=/bin/other\n');
  supervisord.knows = false;
  expect(await look()).toEqual({ result: 'undone' });
  expect(await back()).toEqual({ result: 'undone' });
  expect(await text()).toBe(before);
  expect(supervisord).toMatchObject({ has: '[program:other]\ncommand=/bin/other\n', restarts: 0 });
  expect(await look()).toEqual({ result: 'already' });
});

it.each([
  ['as it was', before],
  ['with a change of others that was taken up', theirs(before)],
])('is taken back at the second try, where the first could not stop the program: its file is %s', async (_, after) => {
  const file = after === before ? ours : theirs(ours);
  const { look, back, text } = await machine(file, file);
  supervisord.stops = false;
  await expect(back()).rejects.toThrow('it does not stop');
  expect(await text()).toBe(after);
  supervisord.stops = true;
  expect(await look()).toEqual({ result: 'undone' });
  expect(await back()).toEqual({ result: 'undone' });
  expect(supervisord).toMatchObject({ has: after, restarts: 1 });
  expect(await look()).toEqual({ result: 'already' });
});

it('takes up no change that others made once the first try had failed', async () => {
  const { look, back, text } = await machine(ours, ours);
  supervisord.stops = false;
  await expect(back()).rejects.toThrow('it does not stop');
  supervisord.stops = true;
  await writeFile(supervisord.file, theirs(await text()));
  expect(await look()).toMatchObject({ result: 'left' });
  expect(await back()).toMatchObject({ result: 'left' });
  expect(supervisord).toMatchObject({ has: ours, restarts: 0 });
});

it('is not over while the program is out of supervisord by ourselves', async () => {
  const { look, back } = await machine(before, '[program:other]\ncommand=/bin/other\n');
  Object.assign(supervisord, { knows: false, isOurs: true });
  expect(await look()).toEqual({ result: 'undone' });
  await expect(back()).rejects.toThrow(/toy on PC2 was taken out.*supervisorctl update toy.*roll back again/);
  supervisord.knows = true;
  supervisord.has = before;
  expect(await back()).toEqual({ result: 'already' });
});
