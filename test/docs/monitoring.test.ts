// The alerting rules that we give people: valid, and firing when they should and only then.
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, it } from 'vitest';
import { debianBinary } from '../../lab/binaries.ts';

const directory = join(import.meta.dirname, '../../docs/monitoring');

it.each([['check', 'rules', 'alerts.yml'], ['test', 'rules', 'alerts.test.yml']])('promtool %s %s %s', async (...args) => {
  const { exitCode, all } = await execa(await debianBinary('promtool'), args, { cwd: directory, reject: false, all: true, timeout: 30_000 });
  expect(exitCode, all).toBe(0);
});
