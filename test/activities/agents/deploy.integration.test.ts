// Deploying an agent's configuration, with a real supervisord, a real ledger and a toy agent.
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { describe, expect, it, vi } from 'vitest';
import { agentActivities } from '../../../activities/agents/agents.ts';
import type { AgentDeployed } from '../../../plan/machine-api/agents.ts';
import type { Observation } from '../../../plan/machine-api/measure.ts';
import { urlOf } from '../../../plan/machine-api/target.ts';
import { sha256 } from '../../../activities/files/disk.ts';
import { ledgerOf } from '../../../activities/ledger/ledger.ts';
import { measureActivities } from '../../../activities/measure/measure.ts';
import { undo } from '../../../activities/undo/undo.ts';
import { programStatus, stopProgram } from '../../../activities/programs/programs.ts';
import { dualHubEdit as edit } from '../dual-hub.ts';
import { supervisedAgent, type Supervised } from '../supervisor/supervised.ts';

vi.setConfig({ testTimeout: 120_000 });

const original = '# the toy\nagent: {name: toy}\nhub_url: http://MainPC:9000 # Phase 1\n';
const change = (step: string) => ({ run: 'week-1', step });
const deployStep = change('2D.deploy.toy');

async function prepared(machine: Supervised) {
  const { host, agent } = machine;
  const ledger = ledgerOf(host, undo);
  await ledger.open('week-1', 'plan');
  const agents = agentActivities(host, ledger);
  const { backup } = await agents.backupConfig({ change: change('2D.backup'), config: agent.config });
  await agents.writeNewConfig({ change: change('2D.toy.new'), config: agent.config, edit });
  const text = (path: string) => readFile(host.path(path), 'utf8');
  const shownDigest = async () =>
    (await agents.shown({ url: agent.healthUrl, pointer: '/sha256', withinMs: 2_000 })).value;
  return { host, agent, ledger, agents, backup, text, shownDigest };
}

describe('deployAgent', () => {
  it('stops the agent, swaps the new file in and starts it; again it does nothing; rolled back, everything is as it was', async () => {
    const { host, agent, ledger, agents, backup, text, shownDigest } = await prepared(await supervisedAgent(original));
    const before = await programStatus(host, 'toy');
    const deployment = { run: 'week-1', agent };
    const preview = await agents.previewDeploy({ config: agent.config, program: 'toy', deployment });
    expect(preview).toMatchObject({
      added: 18,
      removed: 0,
      lost: [],
      state: 'RUNNING',
      difference: expect.stringContaining('+  primary: http://PC2:9100'),
    });
    expect(await agents.preparedDeployment({ run: 'week-1', agent: 'toy' })).toEqual(preview.prepared);
    expect(await text(agent.config)).toBe(original);

    const late = { change: deployStep, agent, backup, notAfterMs: Date.now() - 1 };
    await expect(agents.deployAgent(late)).rejects.toMatchObject({ type: 'OutOfHours' });
    expect(await agents.programStatus({ program: 'toy' })).toMatchObject({ state: 'RUNNING', pid: before.pid });

    const deployed = await agents.deployAgent({ change: deployStep, agent, backup });
    const wanted = await text(`${agent.config}.new`);
    expect(deployed).toMatchObject({ state: 'RUNNING', action: 'swapped', sha256: sha256(wanted) });
    expect(deployed.pid).not.toBe(before.pid);
    // It is what was prepared.
    expect(deployed.prepared).toBeUndefined();
    expect(preview.prepared).toMatchObject({ from: sha256(original), to: sha256(wanted), check: { ok: true } });
    expect(deployed.downMs).toBeGreaterThan(0);
    expect(await text(agent.config)).toBe(wanted);
    expect(await shownDigest()).toBe(sha256(wanted));
    expect((await stat(host.path(agent.config))).mode & 0o777).toBe(0o640);
    expect(await agents.deployAgent(late)).toEqual({
      ...deployed,
      action: 'already',
      downMs: 0,
    });

    const undone = await ledger.rollback({ run: 'week-1', scope: 'all' });
    expect(undone.map(({ kind, result }) => `${kind} ${result}`)).toEqual([
      'agent.restore undone',
      'file.restore undone',
      'file.restore undone',
    ]);
    expect(await readdir(dirname(host.path(agent.config)))).toEqual(['toy.yaml']);
    expect(await shownDigest()).toBe(sha256(original));
    expect((await stat(host.path(agent.config))).mode & 0o777).toBe(0o640);
    await expect(agents.backupConfig({ change: change('2D.backup'), config: agent.config })).rejects.toMatchObject({
      type: 'LedgerClosed',
    });
  });

  it('killed between the swap and the start is finished by the next attempt, which tells the whole down time', async () => {
    const { host, agent, ledger, agents, backup, text, shownDigest } = await prepared(await supervisedAgent(original));
    const wanted = await text(`${agent.config}.new`);
    // What a killed attempt leaves: the entry in the ledger, the note that the agent is stopped, the file swapped.
    const killed = ledger.change(
      deployStep,
      'deployment of toy',
      async () => ({
        kind: 'agent.restore',
        program: 'toy',
        config: agent.config,
        backup,
        wroteSha256: sha256(wanted),
        startWithinMs: 10_000,
      }),
      async () => {
        await mkdir(join(host.state, 'stopped'));
        await writeFile(join(host.state, 'stopped/toy'), '');
        await stopProgram(host, 'toy', 10_000);
        await writeFile(host.path(agent.config), wanted);
        // So it is killed.
        throw new Error('killed');
      },
    );
    await expect(killed).rejects.toThrow('killed');
    const environment = new MockActivityEnvironment({ heartbeatDetails: { stoppedAt: Date.now() - 60_000 } });
    const deployed = (await environment.run(agents.deployAgent, {
      change: deployStep,
      agent,
      backup,
    })) as AgentDeployed;
    expect(deployed).toMatchObject({ state: 'RUNNING', action: 'swapped' });
    expect(deployed.downMs).toBeGreaterThanOrEqual(60_000);
    expect(await shownDigest()).toBe(sha256(wanted));
    const [undone] = await ledger.rollback({ run: 'week-1', scope: { agent: 'toy' } });
    expect(undone).toMatchObject({ kind: 'agent.restore', result: 'undone' });
    expect(await shownDigest()).toBe(sha256(original));
  });

  it('cancelled after the stop still starts the agent again', async () => {
    const { host, agent, agents, backup } = await prepared(await supervisedAgent(original));
    const environment = new MockActivityEnvironment();
    const deployed = environment.run(agents.deployAgent, { change: deployStep, agent, backup }).catch(() => undefined);
    await vi.waitUntil(
      () =>
        fetch(urlOf(agent.healthUrl)).then(
          () => false,
          () => true,
        ),
      { timeout: 30_000, interval: 20 },
    );
    environment.cancel();
    await deployed;
    expect((await programStatus(host, 'toy')).state).toBe('RUNNING');
  });

  it('leaves the agent alone when it does not load the new file, or our schema refuses it', async () => {
    const { host, agent, agents, backup, text } = await prepared(await supervisedAgent(original));
    const { pid } = await programStatus(host, 'toy');
    const wanted = await text(`${agent.config}.new`);
    await writeFile(host.path(`${agent.config}.new`), `${wanted}does_not_load: 1\n`);
    await expect(agents.deployAgent({ change: deployStep, agent, backup })).rejects.toMatchObject({
      type: 'CheckRefuses',
      message: expect.stringContaining('does_not_load: no such setting'),
    });
    await writeFile(host.path(`${agent.config}.new`), wanted.replace('primary: http://PC2:9100', 'primary: nowhere'));
    await expect(agents.deployAgent({ change: deployStep, agent, backup })).rejects.toMatchObject({
      type: 'ConfigInvalid',
      message: expect.stringContaining('hub_endpoints.primary'),
    });
    expect(await text(agent.config)).toBe(original);
    expect((await programStatus(host, 'toy')).pid).toBe(pid);
  });

  it('gives the failure as data when the agent does not start, or is unwell; undo brings the old one back', async () => {
    const { host, agent, ledger, agents, backup, text, shownDigest } = await prepared(await supervisedAgent(original));
    const wanted = await text(`${agent.config}.new`);
    const { check: _, ...unchecked } = agent;
    await writeFile(host.path(`${agent.config}.new`), `${wanted}does_not_load: 1\n`);
    const failed = await agents.deployAgent({ change: deployStep, agent: unchecked, backup });
    expect(failed).toMatchObject({
      pid: 0,
      state: 'FATAL',
      action: 'swapped',
      error: expect.stringContaining('toy on PC2 was told to start'),
    });
    // The next attempt writes another file: undo must know that one as ours too.
    await writeFile(host.path(`${agent.config}.new`), `${wanted}unwell: true\n`);
    const unwell = await agents.deployAgent({ change: deployStep, agent: { ...agent, startWithinMs: 3_000 }, backup });
    expect(unwell).toMatchObject({ state: 'UNHEALTHY', error: expect.stringContaining('503') });
    const [undone] = await ledger.rollback({ run: 'week-1', scope: { agent: 'toy' } });
    expect(undone).toMatchObject({ kind: 'agent.restore', result: 'undone' });
    expect(await shownDigest()).toBe(sha256(original));
  });

  it('can be done again after the agent was taken back; who watches sees it restarted', async () => {
    const { host, agent, ledger, agents, backup, text, shownDigest } = await prepared(await supervisedAgent(original));
    await agents.deployAgent({ change: deployStep, agent, backup });
    await ledger.rollback({ run: 'week-1', scope: { agent: 'toy' } });
    expect(await shownDigest()).toBe(sha256(original));
    const watching = new MockActivityEnvironment();
    const observed = watching.run(measureActivities(host).observe, {
      untilMs: Date.now() + 120_000,
      intervalMs: 500,
      timeoutMs: 10_000,
      urls: {},
      programs: ['toy'],
      containers: [],
      values: {},
      tolerate: 1_000,
    }) as Promise<Observation>;
    await new Promise((resolve) => watching.once('heartbeat', resolve));
    expect(await agents.deployAgent({ change: deployStep, agent, backup })).toMatchObject({
      action: 'swapped',
      state: 'RUNNING',
    });
    // Long before its time: a restart is told at once.
    expect((await observed).restarted).toEqual(['program toy']);
    expect(await shownDigest()).toBe(sha256(await text(`${agent.config}.new`)));
  });
});

describe('undo with a configuration that somebody changed since', () => {
  it('keeps the changed file and the backup', async () => {
    const { host, agent, ledger, agents, backup, text } = await prepared(await supervisedAgent(original));
    await agents.deployAgent({ change: deployStep, agent, backup });
    await writeFile(host.path(agent.config), `${await text(agent.config)}mine: 1\n`);
    const [restored] = await ledger.rollback({ run: 'week-1', scope: 'all' });
    expect(restored).toMatchObject({ kind: 'agent.restore', result: 'left' });
    expect(await text(agent.config)).toContain('mine: 1');
    expect(await text(backup)).toBe(original);
  });

  it('keeps the backup while the restore fails, and removes it when a later one succeeds', async () => {
    const { host, agent, ledger, agents, backup, text } = await prepared(await supervisedAgent(original));
    await agents.deployAgent({ change: deployStep, agent, backup });
    const outcomes = async (machine: typeof host) =>
      (await ledgerOf(machine, undo).rollback({ run: 'week-1', scope: 'all' })).map(
        ({ kind, result }) => `${kind} ${result}`,
      );
    expect(await outcomes({ ...host, supervisorConfig: '/there/is/no/supervisor' })).toEqual([
      'agent.restore failed',
      'file.restore undone',
      'file.restore failed',
    ]);
    expect(await text(backup)).toBe(original);
    expect((await ledger.rollback({ run: 'week-1', scope: 'all', dryRun: true })).map(({ result }) => result)).toEqual([
      'undone',
      'already',
      'undone',
    ]);
    expect(await outcomes(host)).toEqual(['agent.restore undone', 'file.restore already', 'file.restore undone']);
    expect(await text(agent.config)).toBe(original);
    expect(await readdir(dirname(host.path(agent.config)))).toEqual(['toy.yaml']);
  });
});
