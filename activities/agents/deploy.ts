// Moves one agent to its new configuration: stop, swap, start, with the way back on the disk before the agent is touched.
import { refusal } from '../context/refusal.ts';
import { basename } from 'node:path';
import { accessIn, validateDualHub } from '../../plan/tasks/pilots/dual-hub.ts';
import { runCheck } from './check.ts';
import { mustHaveAttributes, mustRead, newName, writeNewConfig } from './config.ts';
import { catchUp, isBehind, setEnvironment } from './environment.ts';
import { prepareAnew } from './prepared.ts';
import type { AgentActivities, ProgramStatus } from '../../plan/machine-api/agents.ts';
import { reportProgress, previousHeartbeat } from '../context/heartbeat.ts';
import type { Host } from '../context/host.ts';
import { readIfThere, sha256 } from '../files/disk.ts';
import { mustTakeFile, placeFile } from '../files/place.ts';
import { fileOf } from '../ledger/backups.ts';
import { isLive, type Entry } from '../ledger/journal.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { keysOf } from '../ledger/order.ts';
import { awaitReady } from '../http/probe.ts';
import { programStatus, runsWhatIs } from '../programs/programs.ts';
import type { Checked } from '../programs/runner.ts';
import { mustBeOursToStart, NotStarted, whileStopped } from '../programs/while-stopped.ts';

type Ask = Parameters<AgentActivities['deployAgent']>[0];

interface Swapped {
  action: 'swapped' | 'already';
  status: ProgramStatus;
  originalSha256?: string;
  error?: string;
}

export function deployActivities(host: Host, ledger: Ledger): Pick<AgentActivities, 'deployAgent'> {
  return {
    async deployAgent(ask) {
      const { agent, backup } = ask;
      await mustRead(host, backup);
      const before = await settled(host, ledger, ask);
      const wanted = await mustRead(host, newName(agent.config));
      const check = await mustBeValid(host, ask, wanted);
      const prepared = await prepareAnew(host, ask.change.run, agent, { before, wanted }, check);
      // Kept over the worker's death, so that the time the agent was down is told in full.
      let stoppedAt = previousHeartbeat<{ stoppedAt: number }>()?.stoppedAt ?? null;

      if (agent.env) await setEnvironment(host, ledger, ask.change, { ...agent, env: agent.env }, ask.notAfterMs);
      const swapped = await changeOver(host, ledger, { ...ask, before, wanted }, () => {
        stoppedAt ??= Date.now();
        reportProgress({ stoppedAt });
      });
      const { action, status, error } = swapped;
      if (status.state !== 'RUNNING') return deployed(status, status.state, error);
      const health = await awaitReady(host.reach(agent.healthUrl), agent.startWithinMs);
      if (!health.ok)
        return deployed(status, 'UNHEALTHY', health.error ?? `${health.url} answered ${health.status}`, health.unknown);
      const now = await programStatus(host, agent.program);
      if (now.pid !== status.pid)
        return deployed(
          now,
          'UNHEALTHY',
          `it ended and was started again: process ${status.pid}, then ${now.pid ?? 'none'}`,
        );
      return deployed(now, now.state);

      function deployed(found: ProgramStatus, state: string, failure?: string, unknown?: true) {
        const upAt = action === 'already' ? Date.now() - (found.uptimeS ?? 0) * 1000 : Date.now();
        return {
          pid: found.pid ?? 0,
          state,
          downMs: stoppedAt === null ? 0 : Math.max(0, upAt - stoppedAt),
          sha256: sha256(wanted),
          action,
          ...(swapped.originalSha256 ? { originalSha256: swapped.originalSha256 } : {}),
          ...(prepared ? { prepared } : {}),
          ...(failure ? { error: failure } : {}),
          ...(unknown && { unknown }),
        };
      }
    },
  };
}

/** The configuration that is there, once NAME.new is made from it: where others changed it since, or took NAME.new away, that is made anew. */
async function settled(host: Host, ledger: Ledger, { change, agent, backup, edit }: Ask): Promise<Buffer> {
  const { config } = agent;
  const path = newName(config);
  const before = await mustRead(host, config);
  const found = edit ? await readIfThere(host.path(path), host.files) : await mustRead(host, path);
  const ofRun = await ledger.entries(change.run);
  const entries = ofRun.filter(isLive);
  const of = (at: string) => entries.filter((entry) => fileOf(entry) === at);
  const isOf = (bytes: Buffer, at: string) => of(at).some(({ wrote }) => wrote.includes(sha256(bytes)));
  if (edit && (!found || isOf(found, path))) {
    await mustBeOursToStart(host, agent.program, config, movedAt(ofRun, agent.program));
    await writeNewConfig(host, ledger, { change, config, edit });
    return before;
  }
  // Of a NAME.new that somebody made by hand only the backup tells what it was made from; of one that we made the ledger knows what was in it.
  const isAsBacked = async () =>
    of(backup).length > 0 ? isOf(before, backup) : before.equals(await mustRead(host, backup));
  if (!found?.equals(before) && !isOf(before, config) && !(await isAsBacked()))
    throw refusal(
      'ConfigChanged',
      `${config} on ${host.machine} was changed since ${basename(path)} was made from it${edit ? ', and so was that' : ''}: ` +
        `move ${path} away, with what you want of it in ${config}, and retry ${change.step}; ${agent.name} stays as it is`,
    );
  return before;
}

/** When the run began to move it. */
function movedAt(entries: Entry[], program: string): number | undefined {
  return entries.find(({ undo }) => undo.kind === 'agent.restore' && undo.program === program)?.at;
}

/** Under the machine's lock, and to its end once the agent is told to stop. A start that fails is a result. */
async function changeOver(
  host: Host,
  ledger: Ledger,
  { change, agent, backup, before, wanted, notAfterMs }: Ask & { before: Buffer; wanted: Buffer },
  stopping: () => void,
): Promise<Swapped> {
  const { program, config, startWithinMs } = agent;
  const file = host.path(config);
  const key = keysOf(agent.name).deployment;
  const originalIn = (entries: Entry[]) => {
    const entry = entries.findLast((known) => known.step === change.step && known.key === key && isLive(known));
    return entry?.undo.kind === 'agent.restore' ? entry.undo.originalSha256 : undefined;
  };
  /** Whether it is swapped. Throws when others have changed it since it was looked at. */
  const isSwapped = async (when: string): Promise<boolean> => {
    const current = await mustRead(host, config);
    if (!current.equals(wanted) && !current.equals(before))
      throw new Error(`${config} on ${host.machine} was changed while ${agent.name} was ${when}: retry ${change.step}`);
    return current.equals(wanted);
  };
  return ledger.change(
    change,
    key,
    async ({ keep, entries }) => {
      await mustBeOursToStart(host, program, config, movedAt(entries, program));
      if (await isSwapped('looked at')) return null;
      const { backup: original, originalSha256 } = await keep(file);
      if (original === null) throw new Error(`${config} was taken away on ${host.machine} while we worked on it`);
      const wroteSha256 = sha256(wanted);
      return { kind: 'agent.restore', program, config, backup, original, originalSha256, wroteSha256, startWithinMs };
    },
    async ({ writes, entries }) => {
      await mustBeOursToStart(host, program, config, movedAt(entries, program));
      const originalSha256 = originalIn(entries);
      const swapped = await isSwapped('looked at');
      if (swapped && (await runsWhatIs(host, program, file)) && !(await isBehind(host, agent)))
        return { action: 'already', status: await programStatus(host, program), originalSha256 };
      // It is not stopped in vain. Not before there is an entry: its undo clears away what we leave when we are killed here.
      if (!swapped) await mustTakeFile(host, file, wanted, await mustHaveAttributes(host, config));
      await writes(wanted, swapped ? wanted : before);
      stopping();
      try {
        const status = await whileStopped(host, program, startWithinMs, async () => {
          if (!(await isSwapped('stopped')))
            await placeFile(host, file, wanted, await mustHaveAttributes(host, config), false, before);
          await catchUp(host, agent);
        });
        return { action: 'swapped', status, originalSha256 };
      } catch (error) {
        if (!(error instanceof NotStarted)) throw error;
        return { action: 'swapped', status: await programStatus(host, program), originalSha256, error: error.message };
      }
    },
    { beforeOfEach: true, notAfterMs },
  );
}

/** What the agent's own check says, if it has one. Looked at before the agent is stopped: a file that does not load must not cost a minute of it. */
async function mustBeValid(host: Host, { agent, edit }: Ask, wanted: Buffer): Promise<Checked | null> {
  const path = newName(agent.config);
  const ours = validateDualHub(wanted.toString(), accessIn(edit), !agent.env);
  if (!ours.ok)
    throw refusal(
      'ConfigInvalid',
      `${path} on ${host.machine} is not valid, so ${agent.name} stays as it is: ${ours.message}`,
    );
  if (!agent.check) return null;
  const theirs = await runCheck(host, agent.check, host.path(path), agent);
  if (!theirs.ok)
    throw refusal(
      'CheckRefuses',
      `${agent.name} does not load ${path} on ${host.machine}, so it stays as it is: ${theirs.output}`,
    );
  return theirs;
}
