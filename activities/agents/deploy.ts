// Moves one agent to its new configuration: stop, swap, start, with the way back on the disk before the agent is touched.
import { AsyncLocalStorage } from 'node:async_hooks';
import { ApplicationFailure } from '@temporalio/common';
import { validateDualHub } from '../../plan/tasks/pilots/dual-hub.ts';
import { runCheck } from './check.ts';
import { mustHaveAttributes, mustRead, newName } from './config.ts';
import type { AgentActivities, AgentSpec, ProgramStatus } from '../../plan/machine-api/agents.ts';
import type { Change } from '../../plan/machine-api/ledger.ts';
import { reportProgress, previousHeartbeat } from '../context/heartbeat.ts';
import type { Host } from '../context/host.ts';
import { readIfThere, sha256 } from '../files/disk.ts';
import { placeFile } from '../files/place.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { awaitReady } from '../http/probe.ts';
import { programStatus, startProgram, stopProgram } from '../supervisor/programs.ts';

/** Runs something that cancellation does not reach: an agent that was stopped is always started again. */
const uncancelled = AsyncLocalStorage.snapshot();

interface Swapped {
  action: 'swapped' | 'already';
  status: ProgramStatus;
  error?: string;
}

export function deployActivities(host: Host, ledger: Ledger): Pick<AgentActivities, 'deployAgent'> {
  return {
    async deployAgent({ change, agent, backup }) {
      const wanted = await mustRead(host, newName(agent.config));
      await mustRead(host, backup);
      await mustBeValid(host, agent, wanted);
      // Kept over the worker's death, so that the time the agent was down is told in full.
      let stoppedAt = previousHeartbeat<{ stoppedAt: number }>()?.stoppedAt ?? null;

      const { action, status, error } = await changeOver(host, ledger, { change, agent, backup, wanted }, () => {
        stoppedAt ??= Date.now();
        reportProgress({ stoppedAt });
      });
      if (status.state !== 'RUNNING') return deployed(status, status.state, action, error);
      const health = await awaitReady(agent.healthUrl, agent.startWithinMs);
      if (!health.ok)
        return deployed(status, 'UNHEALTHY', action, health.error ?? `${health.url} answered ${health.status}`);
      const now = await programStatus(host, agent.program);
      if (now.pid !== status.pid)
        return deployed(
          now,
          'UNHEALTHY',
          action,
          `it ended and was started again: process ${status.pid}, then ${now.pid ?? 'none'}`,
        );
      return deployed(now, now.state, action);

      function deployed(found: ProgramStatus, state: string, how: Swapped['action'], failure?: string) {
        const upAt = how === 'already' ? Date.now() - (found.uptimeS ?? 0) * 1000 : Date.now();
        return {
          pid: found.pid ?? 0,
          state,
          downMs: stoppedAt === null ? 0 : Math.max(0, upAt - stoppedAt),
          sha256: sha256(wanted),
          action: how,
          ...(failure ? { error: failure } : {}),
        };
      }
    },
  };
}

/** Under the machine's lock, and to its end once the agent is told to stop. A start that fails is a result. */
async function changeOver(
  host: Host,
  ledger: Ledger,
  ask: { change: Change; agent: AgentSpec; backup: string; wanted: Buffer },
  stopping: () => void,
): Promise<Swapped> {
  const { change, agent, backup, wanted } = ask;
  const { program, config, startWithinMs } = agent;
  const isSwapped = async () => (await readIfThere(host.path(config), host.files))?.equals(wanted) ?? false;
  return ledger.change(
    change,
    `deployment of ${agent.name}`,
    async () =>
      (await isSwapped())
        ? null
        : { kind: 'agent.restore', program, config, backup, wroteSha256: sha256(wanted), startWithinMs },
    async ({ writes }) => {
      const status = await programStatus(host, program);
      // It is stopped before its file is swapped, so one that runs has read the file that is there.
      if (status.state === 'RUNNING' && (await isSwapped())) return { action: 'already', status };
      await writes(wanted);
      stopping();
      return uncancelled(async (): Promise<Swapped> => {
        await stopProgram(host, program, startWithinMs);
        if (!(await isSwapped()))
          await placeFile(host, host.path(config), wanted, await mustHaveAttributes(host, config));
        try {
          return { action: 'swapped', status: await startProgram(host, program, startWithinMs) };
        } catch (error) {
          return { action: 'swapped', status: await programStatus(host, program), error: (error as Error).message };
        }
      });
    },
  );
}

/** Looked at before the agent is stopped: a file that does not load must not cost a minute of it. */
async function mustBeValid(host: Host, agent: AgentSpec, wanted: Buffer): Promise<void> {
  const path = newName(agent.config);
  const ours = validateDualHub(wanted.toString());
  if (!ours.ok)
    throw ApplicationFailure.nonRetryable(
      `${path} on ${host.machine} is not valid, so ${agent.name} stays as it is: ${ours.message}`,
      'BadInput',
    );
  if (!agent.check) return;
  const theirs = await runCheck(host, agent.check, host.path(path));
  if (!theirs.ok)
    throw ApplicationFailure.nonRetryable(
      `${agent.name} does not load ${path} on ${host.machine}, so it stays as it is: ${theirs.output}`,
      'BadInput',
    );
}
