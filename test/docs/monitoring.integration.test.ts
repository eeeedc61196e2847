// The alerting rules and hubshift's own dashboard that we give people: valid, firing when they should and only then, and about what workers show.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { debianBinary } from '../../lab/binaries.ts';
import { gaugesIn } from '../../workers/week-metrics.ts';

const directory = join(import.meta.dirname, '../../docs/monitoring');

it.each([
  ['check', 'rules', 'alerts.yml'],
  ['test', 'rules', 'alerts.test.yml'],
])('promtool %s %s %s', async (...args) => {
  const { exitCode, all } = await execa(await debianBinary('promtool'), args, {
    cwd: directory,
    reject: false,
    all: true,
    timeout: 30_000,
  });
  expect(exitCode, all).toBe(0);
});

const shown = Object.values(gaugesIn(new Registry())).map((gauge) => (gauge as unknown as { name: string }).name);
const named = (file: string) => [...new Set(readFileSync(join(directory, file), 'utf8').match(/\bhubshift_\w+/g))];

it.each(['alerts.yml', 'alerts.test.yml', 'dashboards/hubshift.json', 'dashboards/nats.json'])(
  '%s names only metrics that a worker shows',
  (file) => {
    expect(named(file).length).toBeGreaterThan(2);
    expect(named(file).filter((name) => !shown.includes(name))).toEqual([]);
  },
);

it('the page names each metric that a worker shows, and no other', () => {
  expect(named('../monitoring.md').sort()).toEqual([...shown].sort());
});
