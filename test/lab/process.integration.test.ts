// Processes are recognised and ended by pid and start time.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  endProcess,
  isAlive,
  killTree,
  parseStat,
  processesWith,
  startDetached,
  waitUntil,
} from '../../lab/process.ts';

let directory: string;
let log: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'hubshift-process-'));
  log = join(directory, 'log');
});
afterEach(() => rmSync(directory, { recursive: true }));

test('a process whose start time differs is not the one that was recorded', async () => {
  const started = await startDetached('sleep', ['60'], { log });
  const recycled = { ...started, startTicks: '1' };

  await endProcess(recycled);

  expect(isAlive(recycled)).toBe(false);
  expect(isAlive(started)).toBe(true);
  await endProcess(started);
  expect(isAlive(started)).toBe(false);
});

test('a process that ignores SIGTERM is killed after its grace', async () => {
  const started = await startDetached(
    process.execPath,
    ['-e', 'process.on("SIGTERM", () => {}); console.log("ready"); setInterval(() => {}, 1000)'],
    { log },
  );
  await waitUntil(() => readFileSync(log, 'utf8').includes('ready'), 5_000);

  await endProcess(started, 'SIGTERM', 300);

  expect(isAlive(started)).toBe(false);
});

test('killing a tree reaches the children of children', async () => {
  const nested =
    'require("child_process").spawn("sleep", ["60"], { env: { ...process.env, NESTED: "1" } }); setInterval(() => {}, 1000)';
  const started = await startDetached(process.execPath, ['-e', nested], {
    log,
    env: { ...process.env, TREE: directory },
  });
  expect(await waitUntil(() => processesWith(`TREE=${directory}`).length === 2, 5_000)).toBe(true);

  await killTree([started.pid]);

  expect(processesWith(`TREE=${directory}`)).toEqual([]);
});

test('a program that does not exist is an error, not a pid', async () => {
  await expect(startDetached('/no/such/program', [], { log })).rejects.toThrow('ENOENT');
});

test('the name of a process may hold brackets and blanks', () => {
  const fields = Array.from({ length: 30 }, (_, index) => String(index + 3));
  const stat = parseStat(`42 (odd) name (x)) S 7 ${fields.slice(2).join(' ')}`);

  expect(stat).toEqual({ state: 'S', parent: 7, startTicks: '22' });
});
