// Programs by the names that real set-ups give them, under a real supervisord: in a group, of numprocs, by templates.
import { readFile } from 'node:fs/promises';
import { MockActivityEnvironment } from '@temporalio/testing';
import { expect, it, vi } from 'vitest';
import { agentActivities } from '../../../activities/agents/agents.ts';
import { checkRights } from '../../../activities/host/rights.ts';
import { ledgerOf } from '../../../activities/ledger/ledger.ts';
import { measureActivities } from '../../../activities/measure/measure.ts';
import {
  programStatus,
  programStatuses,
  runningSince,
  startProgram,
  stoppedOnPurpose,
  stopProgram,
} from '../../../activities/programs/programs.ts';
import { hasStopped, startStopped, whileStopped } from '../../../activities/programs/while-stopped.ts';
import { supervisor } from '../../../activities/supervisor/runner.ts';
import { undo } from '../../../activities/undo/undo.ts';
import { program as planned } from '../../../plan/schema/fields.ts';
import type { Observation } from '../../../plan/machine-api/measure.ts';
import { dualHubEdit as edit } from '../dual-hub.ts';
import { supervisedAgent, type Sections } from './supervised.ts';

vi.setConfig({ testTimeout: 120_000 });

const original = '# the toy\nagent: {name: toy}\nhub_url: http://MainPC:9000 # Phase 1\n';
const group =
  '[program:hub_agent]\nKEYS\nstopwaitsecs=7\n[program:other]\ncommand=/bin/sleep 600\nstartsecs=0\n[group:edge]\nprograms=hub_agent,other\n';
const pool = '[program:pool]\nprocess_name=%(program_name)s_%(process_num)02d\nnumprocs=2\nKEYS\nstopwaitsecs=7\n';

interface Named extends Sections {
  neighbour: string;
}

const named: Named[] = [
  { program: 'edge:hub_agent', neighbour: 'edge:other', sections: group },
  { program: 'pool:pool_00', neighbour: 'pool:pool_01', sections: pool },
  {
    program: 'hub.agent:a b',
    neighbour: 'hub.agent',
    sections:
      '[program:x]\nprocess_name=a%(ENV_BLANK)sb\nKEYS\nstopwaitsecs=7\n[program:hub.agent]\ncommand=/bin/sleep 600\nstartsecs=0\n[group:hub.agent]\nprograms=x,hub.agent\n',
  },
];

it.each(named)(
  '$program is looked at, stopped, started, deployed and given back by this name, and its neighbours are left alone',
  async ({ neighbour, ...made }) => {
    const { program } = made;
    vi.stubEnv('BLANK', ' ');
    const { host, agent } = await supervisedAgent(original, made);
    expect(planned.parse(program)).toBe(program);
    const beside = await programStatus(host, neighbour);
    expect(await programStatus(host, program)).toMatchObject({ program, state: 'RUNNING' });
    expect(await supervisor.stopWaitMs(host, program)).toBe(7_000);
    expect(await runningSince(host, program)).toBeGreaterThan(Date.now() - 60_000);
    expect(await stopProgram(host, program, 10_000)).toMatchObject({ program, state: 'STOPPED' });
    expect(await stoppedOnPurpose(host, program)).toMatch(/^STOPPED since /);
    expect(await startProgram(host, program, 10_000)).toMatchObject({ program, state: 'RUNNING' });
    let stopped: unknown;
    await whileStopped(host, program, 10_000, async () => {
      stopped = [(await programStatus(host, program)).state, await hasStopped(host), await startStopped(host, false)];
    });
    expect(stopped).toEqual(['STOPPED', true, [`${program} was stopped and not started again: it was told to start`]]);
    expect(await hasStopped(host)).toBe(false);
    expect(await programStatuses(host, [program, neighbour])).toMatchObject([
      { program, state: 'RUNNING' },
      { program: neighbour, pid: beside.pid, state: beside.state },
    ]);

    const ledger = ledgerOf(host, undo);
    await ledger.open('week-1', 'plan');
    const agents = agentActivities(host, ledger);
    const change = (step: string) => ({ run: 'week-1', step });
    const { backup } = await agents.backupConfig({ change: change('2D.backup'), config: agent.config });
    await agents.writeNewConfig({ change: change('2D.toy.new'), config: agent.config, edit });
    const before = await programStatus(host, program);
    const deployed = await agents.deployAgent({ change: change('2D.deploy.toy'), agent, backup });
    expect(deployed).toMatchObject({ state: 'RUNNING', action: 'swapped' });
    expect(deployed.pid).not.toBe(before.pid);
    const [entry] = (await ledger.rollback({ run: 'week-1', scope: { agent: 'toy' } })).filter(
      ({ kind }) => kind === 'agent.restore',
    );
    expect(entry).toMatchObject({ target: program, result: 'undone' });
    expect(await readFile(host.path(agent.config), 'utf8')).toBe(original);
    expect(await programStatus(host, program)).toMatchObject({ state: 'RUNNING' });
    const { targets } = (await new MockActivityEnvironment().run(measureActivities(host).observe, {
      untilMs: Date.now() + 1_000,
      intervalMs: 300,
      timeoutMs: 5_000,
      urls: {},
      programs: [program],
      containers: [],
      values: {},
      tolerate: 1_000,
    })) as Observation;
    expect(targets).toMatchObject({ [`program ${program}`]: { down: 0 } });
    expect(await programStatus(host, neighbour)).toMatchObject({ pid: beside.pid, state: beside.state });
  },
);

it('a name that supervisord does not know is refused before the first change, with those that may be meant', async () => {
  const { host } = await supervisedAgent(original, { program: 'edge:hub_agent', sections: group });
  const rights = async (program: string) =>
    (
      await checkRights(host, ledgerOf(host, undo), {
        directories: [],
        files: [],
        programs: [program],
        images: [],
        partition: false,
        chown: false,
      })
    ).find(({ what }) => what === `program ${program}`);
  expect(await rights('edge:hub_agent')).toMatchObject({ ok: true });
  expect(await rights('hub_agent')).toMatchObject({
    ok: false,
    detail: expect.stringContaining('knows no program hub_agent, but edge:hub_agent: correct the name in the plan'),
  });
  expect(await rights('edge')).toMatchObject({
    ok: false,
    detail: expect.stringContaining('knows no program edge, but edge:hub_agent, edge:other: correct'),
  });
  expect(await rights('nobody')).toMatchObject({
    ok: false,
    detail: expect.stringMatching(/knows no program nobody: correct/),
  });
});
