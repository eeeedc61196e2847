// The first ledger of version 2: what was adopted is given back, by every later build. See test/fixtures/compat/README.md.
import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { machine } from '../activities/docker/toy-machine.ts';
import type { ToyContainer } from '../activities/docker/toy-docker.ts';
import { fixtures, json } from './old-machine.ts';

it('is undone: the container of before runs again, and the job of before is back beside what others wrote since', async () => {
  const { host, toy, ledger } = await machine();
  await cp(join(fixtures, 'adopted/state'), host.state, { recursive: true });
  await cp(join(fixtures, 'adopted/root'), host.path('/'), { recursive: true });
  for (const [name, container] of Object.entries(json<Record<string, ToyContainer>>('adopted/containers.json')))
    toy.containers.set(name, container);

  expect(await ledger.rollback({ run: 'week-2', scope: 'all' })).toMatchObject([
    { entry: 3, kind: 'file.restore', target: '/hub.yml', result: 'undone' },
    { entry: 2, kind: 'container.remove', target: 'edgehub', result: 'undone' },
    { entry: 1, kind: 'container.restore', target: 'edgehub', result: 'undone' },
  ]);
  expect([...toy.containers]).toMatchObject([
    [
      'edgehub',
      {
        id: 'f0e1d2c3b4a5',
        status: 'running',
        config: { Image: 'prom/prometheus:v2.53.0', HostConfig: { RestartPolicy: { Name: 'unless-stopped' } } },
      },
    ],
  ]);
  expect(await readFile(host.path('/hub.yml'), 'utf8')).toBe(
    "# the hub of the house\nscrape_configs:\n  - job_name: pushgateway-pc2 # the old one\n    static_configs: [{targets: ['old:9091']}]\n" +
      "  - job_name: night-shift # theirs\n    static_configs: [{targets: ['PC3:9100']}]\n",
  );
});
