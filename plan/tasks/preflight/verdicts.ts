// Verdicts of the preflight: machines, rights, names, the way back, what agents show, the baseline.
import type { OnRecord } from '../../evidence/frozen.ts';
import type { Impact } from '../../machine-api/measure.ts';
import type { MachineFacts, NameFound, Probe, Right } from '../../machine-api/host.ts';
import type { Machine, Plan } from '../../schema/plan.ts';
import type { Evaluation } from '../../week/record.ts';
import { inconclusive, unless } from '../shared/verdict.ts';

/** One build everywhere and clocks within the limit of each other (each offset is against the same Temporal server). */
export function machinesAgree(limitMs: number) {
  return (facts: MachineFacts[]): Evaluation => {
    if (facts.length === 0) return inconclusive('no machine answered');
    const offsets = facts.map((fact) => fact.clockOffsetMs);
    const skewMs = Math.round(Math.max(...offsets) - Math.min(...offsets));
    const builds = [...new Set(facts.map((fact) => fact.build))];
    return unless(
      [
        skewMs > limitMs && `clocks differ by ${skewMs} ms; at most ${limitMs} ms`,
        builds.length > 1 &&
          `workers run different builds (${facts.map((fact) => `${fact.machine}: ${fact.build.slice(0, 12)}`).join(', ')}); install one build everywhere: they may differ only while hubshift upgrade moves a running week`,
      ],
      `${facts.length} workers of one build, clocks within ${skewMs} ms`,
      { machines: facts.map((fact) => fact.machine), build: builds[0]?.slice(0, 12) ?? '', skewMs },
    );
  };
}

/** Says what the topology can't survive; refuses one that a single machine can take down although it claims otherwise. */
export function topologyIsKnown(plan: Pick<Plan, 'messaging'>, voters: { name: string; machine: string }[]) {
  return (central: { receiver: Probe; outOfOrderWindow: string | null }): Evaluation => {
    const majority = Math.floor(voters.length / 2) + 1;
    const survivable = voters.length - majority;
    const most = Math.max(
      0,
      ...voters.map((voter) => voters.filter((other) => other.machine === voter.machine).length),
    );
    const said =
      survivable === 0
        ? `${voters.length} JetStream voters, quorum ${majority}: losing any one stops JetStream writes until it is back`
        : `${voters.length} JetStream voters, quorum ${majority}: survives the loss of ${survivable}`;
    return unless(
      [
        plan.messaging.topology === 'arbiter' &&
          most > survivable &&
          `${most} of ${voters.length} voters share a machine, so the arbiter protects nothing`,
        !central.receiver.ok &&
          `CentralHub does not take remote writes (${central.receiver.status ?? central.receiver.error}); start it with --web.enable-remote-write-receiver`,
      ],
      `${said}; CentralHub takes late samples of ${central.outOfOrderWindow ?? 'no time at all'}`,
      { voters: voters.length, quorum: majority, survives: survivable, outOfOrderWindow: central.outOfOrderWindow },
    );
  };
}

export function rightsAreThere(found: { machine: string; rights: Right[] }[]): Evaluation {
  const all = found.flatMap(({ machine, rights }) => rights.map((right) => ({ machine, ...right })));
  if (found.length === 0 || found.some(({ rights }) => rights.length === 0))
    return inconclusive('a machine checked nothing');
  const missing = all.filter((right) => !right.ok);
  return unless(
    missing.slice(0, 4).map((right) => `${right.machine}: ${right.what}: ${right.detail}`),
    [
      `${all.length} rights on ${found.length} machines`,
      ...all.flatMap(({ warning }) => warning ?? []).slice(0, 4),
    ].join('; '),
    { checked: all.length, missing: missing.length },
  );
}

/** What every undo needs is there. That no level 3 is on record is said early: only the gate wants one. */
export function wayBackIsReady({
  found,
  levelThree,
  noProof,
}: {
  found: { machine: string; rights: Right[] }[];
  levelThree: OnRecord;
  /** Why it does not count. */
  noProof?: string | undefined;
}): Evaluation {
  const { verdict, summary, evidence } = rightsAreThere(found);
  const onRecord =
    'none' in levelThree
      ? `${levelThree.none}, and the gate wants one`
      : noProof
        ? `${noProof}, and the gate wants another`
        : `level 3 of run ${levelThree.run} took back ${levelThree.tookBack.length} changes`;
  return { verdict, summary: `${summary}; ${onRecord}`, evidence };
}

export function namesResolve(machines: Pick<Machine, 'name' | 'address'>[]) {
  return (found: { machine: string; names: NameFound[] }[]): Evaluation => {
    const problems = found.flatMap(({ machine, names }) =>
      machines.flatMap((wanted) => {
        const name = names.find((other) => other.name === wanted.name);
        if (!name?.here)
          return [
            `${wanted.name} does not resolve on ${machine}; add "${wanted.address} ${wanted.name}" to its /etc/hosts`,
          ];
        if (!name.inContainer)
          return [`${wanted.name} does not resolve in a container on ${machine}: ${name.detail ?? ''}`];
        return [];
      }),
    );
    if (found.length === 0) return inconclusive('no machine was asked');
    return unless(
      problems,
      `${machines.length} names resolve on ${found.length} machines and inside their containers`,
      { names: machines.map((machine) => machine.name) },
    );
  };
}

/** A baseline is one when everything answered. */
export function baselineIsWhole(found: Record<string, Impact>): Evaluation {
  const responses = Object.entries(found).flatMap(([machine, impact]) =>
    Object.entries(impact.responseMs).map(([name, response]) => ({ machine, name, ...response })),
  );
  const machines = Object.values(found);
  if (
    machines.length === 0 ||
    machines.some((impact) => Object.keys(impact.responseMs).length === 0) ||
    responses.some((response) => response.samples === 0)
  )
    return inconclusive('something gave no response times');
  const failing = responses.filter((response) => response.failed > 0);
  return unless(
    failing.map(
      (response) =>
        `${response.name} from ${response.machine}: ${response.failed} of ${response.samples} requests failed`,
    ),
    `${responses.length} response times and ${machines.length} machines measured`,
    Object.fromEntries(
      Object.entries(found).map(([machine, impact]) => [
        `${machine} cpu %`,
        Number(impact.machine.cpuPercent.toFixed(1)),
      ]),
    ),
  );
}

/** What an agent can show, found before the start. */
export interface Shows {
  agent: string;
  pilot: boolean;
  health: boolean;
  log: boolean;
  activeHub: boolean;
  acks: boolean;
  nats: boolean;
  check: boolean;
}

/** A log and a healthy /health are needed of all; rows that what is missing would support are named. */
export function contractIsKnown(plan: Pick<Plan, 'migration'>) {
  return (found: Shows[]): Evaluation => {
    if (found.length === 0) return inconclusive('no agent was asked');
    const missing = found
      .filter((agent) => agent.pilot)
      .flatMap((agent) =>
        [
          !agent.activeHub && `${agent.agent} dual-hub`,
          !agent.acks && `${agent.agent} failover and loss`,
          !agent.nats && `${agent.agent} nats`,
        ].filter((row): row is string => Boolean(row)),
      );
    return unless(
      found.flatMap((agent) => [
        !agent.health && `${agent.agent} does not answer its health URL`,
        agent.pilot && !agent.log && `${agent.agent} has no log file`,
      ]),
      missing.length === 0
        ? `${found.length} agents, pilots show all that the week looks at`
        : `inconclusive for want of evidence: ${missing.join(', ')}`,
      { agents: found.length, unsupported: missing, metric: plan.migration.contract.acknowledged?.metric ?? null },
    );
  };
}
