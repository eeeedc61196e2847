// Judges of the way back: what a rollback left behind, and the rehearsal of one. The rows of kind undo.
import type {
  Agents,
  AgentDeployed,
  ContainerState,
  DirectoryState,
  HubStatus,
  ProgramStatus,
  Target,
} from '../../machine-api/index.ts';
import { humanDuration } from '../../schema/duration.ts';
import type { Judgement } from '../../week/record.ts';
import type { Undone } from '../../week/undo.ts';
import { dualHub } from '../pilots/verdicts.ts';
import { fail, inconclusive, pass, unless } from './verdict.ts';

type Shown = Awaited<ReturnType<Agents['shown']>>;

/** What the ledgers said: what was left is named, and is no fault of the rollback. */
export type Results = (Undone & { machine: string })[];

/** The ledger's entry for this thing on this machine, when that was left. */
const leftAt = (undone: Results, machine: string, target: string) =>
  undone.find((entry) => entry.machine === machine && entry.target === target && entry.result === 'left');

/** Gone, or somebody else's and named. */
export function containersGone(undone: Results) {
  return (found: { name: string; machine: string; is: ContainerState }[]): Judgement => {
    if (found.length === 0) return inconclusive('no container was looked at');
    return unless(
      found.map(
        ({ name, machine, is }) =>
          is.exists && !leftAt(undone, machine, name) && `${name} is still there (${is.status})`,
      ),
      found.map(({ name, is }) => `${name} ${is.exists ? 'left: it is not ours' : 'gone'}`).join(', '),
      { gone: found.filter(({ is }) => !is.exists).length, of: found.length },
    );
  };
}

/** Gone; or there before the week (then the ledger has no entry for it), or left with a reason. */
export function directoriesGone(undone: Results) {
  return (found: (DirectoryState & { machine: string })[]): Judgement => {
    if (found.length === 0) return inconclusive('no directory was looked at');
    const ours = (on: string, path: string) =>
      undone.some(
        ({ machine, kind, target, result }) =>
          kind === 'directory.remove' && machine === on && target === path && result !== 'left',
      );
    return unless(
      found.map(({ machine, path, exists }) => exists && ours(machine, path) && `${path} is still there`),
      found
        .map(({ machine, path, exists }) =>
          exists
            ? `${path} left: ${leftAt(undone, machine, path)?.detail?.split('\n')[0] ?? 'it was there before'}`
            : `${path} gone`,
        )
        .join(', '),
      { gone: found.filter(({ exists }) => !exists).length, of: found.length },
    );
  };
}

/** Files have the digest that they had before the week, unless somebody changed them since. */
export function filesAreBack(undone: Results) {
  return (found: { machine: string; path: string; original: string | undefined; now: string | null }[]): Judgement => {
    if (found.length === 0) return inconclusive('no file was looked at');
    if (found.some(({ original }) => original === undefined))
      return inconclusive('nobody recorded what the files were before');
    const left = (on: string, path: string) =>
      undone.some(
        ({ machine, target, result, detail }) =>
          result === 'left' && machine === on && (target === path || detail?.startsWith(`${path} on `)),
      );
    const changed = found.filter(({ machine, path, original, now }) => now !== original && !left(machine, path));
    return unless(
      changed.map(
        ({ path, original, now }) => `${path} is ${now?.slice(0, 12) ?? 'not there'}; it was ${original?.slice(0, 12)}`,
      ),
      `${found.filter(({ original, now }) => now === original).length} of ${found.length} files byte for byte what they were`,
      Object.fromEntries(
        found.slice(0, 6).map(({ path, now }) => [path.split('/').at(-1) ?? path, now?.slice(0, 16) ?? null]),
      ),
    );
  };
}

/** The hubs that run have no job of the week's Pushgateways any more. */
export function jobsGone(jobs: string[]) {
  return (found: { hub: string; status: HubStatus }[]): Judgement => {
    if (found.length === 0) return inconclusive('no hub was asked');
    return unless(
      found.flatMap(({ hub, status }) => [
        !status.reloadSuccessful && `${hub} did not take its configuration`,
        ...jobs.filter((job) => status.jobs.includes(job)).map((job) => `${hub} still has ${job}`),
      ]),
      found.map(({ hub, status }) => `${hub} runs ${status.jobs.join(', ')}`).join('; '),
      Object.fromEntries(found.map(({ hub, status }) => [hub, status.jobs])),
    );
  };
}

/** Every agent is scraped by every hub that runs. */
export function scrapesAgents(instances: string[]) {
  return (found: { hub: string; targets: Target[] }[]): Judgement => {
    if (found.length === 0 || instances.length === 0) return inconclusive('no hub was asked');
    const missing = found.flatMap(({ hub, targets }) => {
      const here = targets.filter(({ instance }) => instances.includes(instance));
      return here.length === 0
        ? [`${hub} scrapes no agent`]
        : here
            .filter(({ health }) => health !== 'up')
            .map(({ instance, health }) => `${hub}: ${instance} is ${health}`);
    });
    return unless(
      missing,
      found
        .map(
          ({ hub, targets }) =>
            `${hub} scrapes ${targets.filter(({ instance }) => instances.includes(instance)).length} agents`,
        )
        .join(', '),
    );
  };
}

/** One hub, CentralHub, as the agent itself shows. */
export function centralOnly(central: string) {
  return (found: { agent: string; active: Shown | null; hubs: Shown | null }[]): Judgement => {
    if (found.length === 0) return inconclusive('no agent was asked');
    const mute = found.filter(({ active }) => active === null).map(({ agent }) => agent);
    if (mute.length > 0) return inconclusive(`${mute.slice(0, 3).join(', ')} can't show which hub they use`);
    return unless(
      found.flatMap(({ agent, active, hubs }) => [
        !active?.found &&
          `${agent} uses ${active?.value === undefined || active.value === null ? `no hub that it shows (${active?.error ?? 'no answer'})` : JSON.stringify(active.value)}; ${central} is wanted`,
        Array.isArray(hubs?.value) && hubs.value.length !== 1 && `${agent} knows ${hubs.value.length} hubs`,
      ]),
      `${found.length} agents use ${central} only`,
      { agents: found.length },
    );
  };
}

/** `seen` is when the agent's health last came in at its peer, Unix milliseconds. */
export function postsToPeers(sinceMs: number) {
  return (found: { agent: string; peer: string; seen: number | null }[]): Judgement => {
    if (found.length === 0) return inconclusive('the plan names no peers, or nobody shows them');
    return unless(
      found.map(
        ({ agent, peer, seen }) =>
          (seen === null || seen < sinceMs) && `${peer} has no health of ${agent} since the rollback`,
      ),
      `health of ${found.length} agents came in at their peers by HTTP`,
      Object.fromEntries(
        found.slice(0, 6).map(({ agent, seen }) => [agent, seen === null ? null : new Date(seen).toISOString()]),
      ),
    );
  };
}

/** Gone from every server that answers, or gone with the servers themselves. */
export function streamsGone(
  found: { stream: string; servers: { server: string; runs: boolean; there: boolean }[] }[],
): Judgement {
  if (found.length === 0) return inconclusive('no stream was looked for');
  const left = found.flatMap(({ stream, servers }) =>
    servers.filter(({ there }) => there).map(({ server }) => `${stream} is still on ${server}`),
  );
  const running = found[0]?.servers.filter(({ runs }) => runs).length ?? 0;
  return unless(
    left,
    `${found.length} streams and their consumers gone${running === 0 ? ' with their servers' : ` from ${running} servers`}`,
    { streams: found.length, serversRunning: running },
  );
}

/** Each pilot's ledger entry, which stops it, restores its file and starts it, was carried out. */
export function pilotsRestored(undone: Results): Judgement {
  const pilots = undone.filter(({ kind }) => kind === 'agent.restore');
  if (pilots.length === 0) return pass('no pilot had been migrated: none to stop');
  return unless(
    pilots.map(({ target, result, detail }) => result === 'failed' && `${target}: ${detail ?? ''}`),
    pilots
      .map(({ target, result, ms }) => `${target} ${result} in ${ms} ms`)
      .slice(0, 4)
      .join(', '),
    Object.fromEntries(pilots.slice(0, 6).map(({ target, ms }) => [`${target} ms`, ms])),
  );
}

/** Programs run; whoever must not be disturbed has the process that it had. */
export function runAgain(found: (ProgramStatus & { agent: string })[]): Judgement {
  if (found.length === 0) return inconclusive('no program was looked at');
  return unless(
    found.map(({ agent, state }) => state !== 'RUNNING' && `${agent} is ${state}`),
    `${found.length} pilots run`,
    Object.fromEntries(found.slice(0, 6).map(({ agent, pid }) => [agent, pid])),
  );
}

export interface Rehearsed {
  undone: Undone[];
  central: Judgement;
  again: AgentDeployed;
  hubs: Parameters<typeof dualHub>[0];
  rollbackMs: number;
  verifyMs: number;
  migrateMs: number;
}

/** Rolled back, on CentralHub only, and migrated again; back within the limit of level 2. */
export function rehearsed(limitMs: number) {
  return ({ undone, central, again, hubs, rollbackMs, verifyMs, migrateMs }: Rehearsed): Judgement => {
    const evidence = { rollbackMs, verifyMs, migrateMs, limitMs };
    if (undone.length === 0) return fail('the ledger had nothing of this pilot to undo', evidence);
    const migrated = dualHub(hubs);
    const judged = unless(
      [
        ...undone.map(
          ({ target, result, detail }) =>
            (result === 'failed' || result === 'left') && `${target} ${result}: ${detail ?? ''}`,
        ),
        central.verdict === 'fail' && `rolled back: ${central.summary}`,
        rollbackMs + verifyMs > limitMs &&
          `back on CentralHub after ${humanDuration(rollbackMs + verifyMs)}; at most ${humanDuration(limitMs)}`,
        again.state !== 'RUNNING' && `migrated again it is ${again.state}: ${again.error ?? ''}`,
        (migrated.verdict === 'fail' || (migrated.verdict === 'inconclusive' && central.verdict === 'pass')) &&
          `migrated again: ${migrated.summary}`,
      ],
      `rolled back in ${humanDuration(rollbackMs)}, CentralHub only after ${humanDuration(verifyMs)} more, migrated again in ${humanDuration(migrateMs)}`,
      evidence,
    );
    return judged.verdict === 'pass' && central.verdict === 'inconclusive' ? { ...central, evidence } : judged;
  };
}
