// A pilot that is a container, with a real daemon: what it sees of its file once that is replaced, how its own check is asked, and what it logs.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type Docker from 'dockerode';
import { MockActivityEnvironment } from '@temporalio/testing';
import { expect, it, onTestFinished } from 'vitest';
import { agentActivities } from '../../../activities/agents/agents.ts';
import type { Host } from '../../../activities/context/host.ts';
import { checkRights } from '../../../activities/host/rights.ts';
import { ledgerOf } from '../../../activities/ledger/ledger.ts';
import { programStatus, runningSince, runsWhatIs } from '../../../activities/programs/programs.ts';
import { runnerOf } from '../../../activities/programs/runners.ts';
import { undo } from '../../../activities/undo/undo.ts';
import type { LogRead } from '../../../plan/machine-api/agents.ts';
import { dualHubEdit as edit } from '../dual-hub.ts';
import { serve } from '../local-server.ts';
import { temporaryMachine } from '../machine.ts';
import { image, withGatewayImage } from './gateway.ts';

const config = '/code/config/agent.yaml';
const program = 'docker/agent';
const original = '# the agent\nhub_url: http://MainPC:9000\n';
const run = 'week-1';
const change = (step: string) => ({ run, step });

async function withDaemon(work: (docker: Docker) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'hubshift-agent-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  await withGatewayImage({ daemon: join(directory, 'docker'), scratch: directory }, work);
}

/** As the container's own process sees it. */
async function seen(host: Host): Promise<string> {
  const { pid } = await programStatus(host, program);
  return readFile(`/proc/${pid}/root/etc/agent/agent.yaml`, 'utf8');
}

it.each([
  ['its file', config, '/etc/agent/agent.yaml'],
  ['the directory of its file', dirname(config), '/etc/agent'],
])('that has %s mounted is deployed and given back', { timeout: 180_000 }, (_, source, target) =>
  withDaemon(async (docker) => {
    const host = { ...(await temporaryMachine()), docker };
    const { url: healthUrl } = await serve((_request, response) => response.end('{}'));
    await mkdir(dirname(host.path(config)), { recursive: true });
    await writeFile(host.path(config), original, { mode: 0o644 });
    const container = await docker.createContainer({
      name: 'agent',
      Image: image,
      Cmd: ['--log.level=debug'],
      HostConfig: {
        NetworkMode: 'none',
        Binds: [`${host.path(source)}:${target}`],
        RestartPolicy: { Name: 'always' },
      },
    });
    await container.start();
    const ledger = ledgerOf(host, undo);
    await ledger.open(run, 'plan');
    const agents = agentActivities(host, ledger);
    const nothing = { directories: [], files: [], images: [], partition: false, chown: false };
    const rights = await checkRights(host, ledger, {
      ...nothing,
      programs: [program],
      moved: [{ program, config, log: program }],
    });
    expect(rights.filter(({ ok }) => !ok)).toEqual([]);

    const { place } = await agents.logOffset({ path: program });
    const { backup } = await agents.backupConfig({ change: change('2D.backup'), config });
    await agents.writeNewConfig({ change: change('2D.agent.new'), config, edit });
    const spec = {
      name: 'agent',
      program,
      config,
      healthUrl,
      startWithinMs: 20_000,
    };
    const deploy = (check?: string[]) =>
      agents.deployAgent({ change: change('2D.deploy.agent'), agent: { ...spec, check }, backup });

    const before = await programStatus(host, program);
    await expect(deploy(['/bin/pushgateway', '--check={config}'])).rejects.toMatchObject({
      type: 'CheckRefuses',
      message: expect.stringMatching(/does not load .*agent\.yaml\.new on PC2.*unknown long flag '--check'/s),
    });
    expect(await programStatus(host, program)).toMatchObject({ pid: before.pid });
    expect(await docker.listContainers({ all: true })).toHaveLength(1);

    const deployed = await deploy(['/bin/pushgateway', '--version']);
    expect(deployed).toMatchObject({ state: 'RUNNING', action: 'swapped' });
    expect(deployed.pid).not.toBe(before.pid);
    expect(await seen(host)).toContain('primary: http://PC2:9100');
    expect(await runsWhatIs(host, program, host.path(config))).toBe(true);
    expect(await runningSince(host, program)).toBeGreaterThan(Date.now() - 60_000);
    expect(
      (await runnerOf(program).runner.used(host, [{ ...deployed, program: 'agent', uptimeS: 1 }])).get('agent'),
    ).toMatchObject({ memoryBytes: expect.any(Number) });
    expect((await deploy()).action).toBe('already');

    const read = (await new MockActivityEnvironment().run(agents.watchLog, {
      path: program,
      fromOffset: null,
      place,
      untilMs: Date.now() + 500,
      patterns: ['listening'],
    })) as LogRead;
    expect(read.missed).toBeUndefined();
    expect(read.matches).toBeGreaterThan(0);
    // Without what Docker wraps around a line.
    expect(read.first[0]).toMatch(/^(ts|level)=/);

    const undone = await ledger.rollback({ run, scope: 'all' });
    expect(undone.map(({ target, result }) => `${target} ${result}`)).toContain(`${program} undone`);
    expect(undone.map(({ result }) => result)).not.toContain('failed');
    expect(await seen(host)).toBe(original);
    const { HostConfig, State } = await container.inspect();
    expect(HostConfig.RestartPolicy).toMatchObject({ Name: 'always' });
    expect(State.Running).toBe(true);
  }),
);
