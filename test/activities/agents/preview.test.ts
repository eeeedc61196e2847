// What a deployment would change, of files in which something of it stands already: a value that is replaced is not lost.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { agentActivities } from '../../../activities/agents/agents.ts';
import { showsChanges } from '../../../plan/tasks/pilots/verdicts/preparation.ts';
import { machine } from '../docker/toy-machine.ts';
import { dualHubEdit as edit } from '../dual-hub.ts';

const config = '/code/a.yaml';

async function previewed(text: string, byHand = (wanted: string) => wanted) {
  const { host, ledger, toy } = await machine();
  await mkdir(host.path('/code'));
  await writeFile(host.path(config), text);
  toy.containers.set('hub_agent', { id: 'id0', status: 'running', config: { Image: 'agent', HostConfig: {} } });
  const agents = agentActivities(host, ledger);
  await ledger.open('week-1', 'plan');
  await agents.writeNewConfig({ change: { run: 'week-1', step: '2D.a.new' }, config, edit });
  const wanted = await readFile(host.path(`${config}.new`), 'utf8');
  await writeFile(host.path(`${config}.new`), byHand(wanted));
  return agents.previewDeploy({ config, program: 'docker/hub_agent' });
}

it.each([
  'a: 1',
  'environment:\n  OBS_HUB_URL: http://old:9000 # by the night shift\n  TZ: UTC\n',
  'nats: { nats_url: "nats://old:4222", user: x } # c\n',
  'environment: null # none yet\nfailover_config: ~\n',
  'environment:\n  OBS_HUB_URL: |\n    http://old:9000\n',
])('is fine: %j', async (text) => {
  const preview = await previewed(text);
  expect(preview).toMatchObject({ lost: [], removed: expect.any(Number) });
  expect(preview.removed).toBeGreaterThan(0);
  expect(showsChanges()([{ agent: 'a', preview }])).toMatchObject({ verdict: 'pass' });
});

it('names what somebody took out of the new file', async () => {
  const preview = await previewed('nats: { user: x } # c\n', (wanted) =>
    wanted.replace('user: x, ', '').replace(' # c', ''),
  );
  expect(showsChanges()([{ agent: 'a', preview }])).toMatchObject({
    verdict: 'fail',
    summary: 'a: would be gone, or changed by others: nats.user, a comment',
  });
});
