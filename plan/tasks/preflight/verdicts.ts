// Verdicts of the preflight: machines, rights, names, the way back, what agents show, the baseline.
import type { OnRecord } from '../../evidence/frozen.ts';
import type { Impact } from '../../machine-api/measure.ts';
import type { Shown } from '../../machine-api/agents.ts';
import type { MachineFacts, NameFound, Probe, Right } from '../../machine-api/host.ts';
import type { Machine, Plan } from '../../schema/plan.ts';
import { isLoopback, leadThere, spelt } from '../../addresses.ts';
import type { Evaluation } from '../../week/record.ts';
import { uncheckedText } from '../../week/warnings.ts';
import { healthy } from '../pilots/verdicts/deployment.ts';
import { survives } from '../messaging/survival.ts';
import type { Entries } from '../../logs/entries.ts';
import { whyUnseen } from '../../logs/shown.ts';
import { imageNotes, imageWarnings } from '../../schema/images.ts';
import { imagesResolved } from '../shared/container.ts';
import { type Oldest, tooOld } from '../shared/versions.ts';
import { inconclusive, unless, unlessSeen, warned } from '../shared/verdict.ts';
import { functionsMissing, functionsOff, uncalledFirst } from './functions.ts';

const plannedKeys = ['address', 'root', 'docker', 'supervisor', 'state'] as const;

/**
 * One build everywhere and clocks within the limit of each other (each offset is against the same Temporal server). `wanted`, where it is
 * asked: what the run's plan says of the machines, and the build of the control worker.
 */
export function machinesAgree(limitMs: number, wanted?: { machines: Machine[]; control: string }) {
  return (facts: MachineFacts[]): Evaluation => {
    if (facts.length === 0) return inconclusive('no machine answered');
    const offsets = facts.map((fact) => fact.clockOffsetMs);
    const skewMs = Math.round(Math.max(...offsets) - Math.min(...offsets));
    const builds = [...new Set(facts.map((fact) => fact.build))];
    const said = [
      ...(wanted ? [{ machine: 'the control worker', build: wanted.control }] : []),
      ...facts.map(({ machine, build }) => ({ machine, build })),
    ];
    const differing = (wanted?.machines ?? []).flatMap((machine) => {
      const own = facts.find((fact) => fact.machine.toLowerCase() === machine.name.toLowerCase())?.planned;
      return plannedKeys.flatMap((key) =>
        own && own[key] !== machine[key]
          ? [
              `the worker of ${machine.name} has ${key} ${own[key]}; the plan of this run says ${machine[key]}: give it this plan, and restart it`,
            ]
          : [],
      );
    });
    const elsewhere = (wanted?.machines ?? []).flatMap((machine, _, all) => {
      const own = facts.find((fact) => fact.machine.toLowerCase() === machine.name.toLowerCase())?.addresses ?? [];
      const isIts = ({ address }: Machine) => own.map(spelt).includes(spelt(address));
      // Behind a translation it has an address that is nobody's.
      const there = isIts(machine) ? undefined : all.find(isIts);
      return there
        ? [
            `the worker of ${machine.name} runs on ${there.name}, which has ${there.address}: start it on ${machine.name}`,
          ]
        : [];
    });
    const unheard = (wanted?.machines ?? []).flatMap(({ name, address, listen }) => {
      const own = facts.find((fact) => fact.machine.toLowerCase() === name.toLowerCase())?.addresses ?? [];
      const isIn = (addresses: string[]) => addresses.map(spelt).includes(spelt(address));
      return Array.isArray(listen) && isIn(own) && !isIn(listen)
        ? [`${name} does not listen at ${address}, where the others reach it: add it to its "listen"`]
        : [];
    });
    return unless(
      [
        ...elsewhere,
        ...unheard,
        skewMs > limitMs && `clocks differ by ${skewMs} ms; at most ${limitMs} ms`,
        new Set(said.map(({ build }) => build)).size > 1 &&
          `workers run different builds (${said.map(({ machine, build }) => `${machine}: ${build.slice(0, 12)}`).join(', ')}); install one build everywhere: they may differ only while hubshift upgrade moves a running week`,
        ...differing,
      ],
      `${facts.length} workers of one build, clocks within ${skewMs} ms`,
      { machines: facts.map((fact) => fact.machine), build: builds[0]?.slice(0, 12) ?? '', skewMs },
    );
  };
}

/** What was measured of both topologies in the lab: how long writes stalled. */
const measuredStalls =
  'measured without writes: a pair 8 to 13 s when a server is stopped for 6 s; with an arbiter 18 ms when a server is stopped, 5.8 s when the leader is killed';

/**
 * Says what the topology can't survive; refuses one that a single machine can take down although it claims otherwise. With `streams` it
 * survives no more than each of them.
 */
export function topologyIsKnown(
  plan: Pick<Plan, 'messaging'>,
  voters: { name: string; machine: string }[],
  streams: { name: string; replicas: number }[] = [],
) {
  return (central: {
    receiver: Probe;
    outOfOrderWindow: string | null;
    /** That it is too old, or states no version. */
    old?: string | undefined;
    untold?: string | undefined;
  }): Evaluation => {
    const majority = Math.floor(voters.length / 2) + 1;
    const { topology } = plan.messaging;
    const ofVoters = voters.length - majority;
    const weak = streams.filter(({ replicas }) => survives(voters.length, [replicas]) === 0);
    const survivable =
      streams.length > 0
        ? survives(
            voters.length,
            streams.map(({ replicas }) => replicas),
          )
        : ofVoters;
    const most = Math.max(
      0,
      ...voters.map((voter) => voters.filter((other) => other.machine === voter.machine).length),
    );
    const quorum = `${voters.length} JetStream voters, quorum ${majority}`;
    const said =
      survivable === 0
        ? `${quorum}: losing any one stops JetStream writes until it is back`
        : `${quorum}: survives the loss of ${survivable}`;
    const evaluated = unless(
      [
        topology === 'arbiter' &&
          most > (weak.length > 0 ? ofVoters : survivable) &&
          `${most} of ${voters.length} voters share a machine, so the arbiter protects nothing`,
        topology === 'arbiter' &&
          weak.length > 0 &&
          `${weak.map(({ name, replicas }) => `${name} has ${replicas} replicas`).join(', ')}, so that losing one server may stop its writes: an arbiter wants three or more`,
        central.old,
        !central.receiver.ok &&
          (refusesLogins.has(central.receiver.status ?? 0)
            ? `CentralHub ${central.receiver.error}`
            : `CentralHub does not take remote writes (${central.receiver.status ?? central.receiver.error}); start it with --web.enable-remote-write-receiver`),
      ],
      [
        `${said}${streams.length > 0 ? ` (${measuredStalls})` : ''}`,
        `CentralHub takes late samples of ${central.outOfOrderWindow ?? 'no time at all'}`,
      ].join('; '),
      { voters: voters.length, quorum: majority, survives: survivable, outOfOrderWindow: central.outOfOrderWindow },
    );
    return warned(evaluated, evaluated.verdict === 'pass' && central.untold ? [central.untold] : []);
  };
}

const refusesLogins = new Set([401, 403]);

/** What programs in images say of their version; null where that is none. */
export interface VersionFound {
  image: string;
  oldest: Oldest;
  version: string | null;
}

/** Of what is there under a name that may mean another image tomorrow, people are told; of what is too old for the week, that it is. */
export function imagesAreHere(found: Parameters<typeof imagesResolved>[0], versions: VersionFound[] = []): Evaluation {
  const resolved = imagesResolved(found);
  const old = versions.flatMap(({ image, oldest, version }) => (version && tooOld(image, version, oldest)) || []);
  const untold = versions.filter(({ version }) => version === null).map(({ image }) => image);
  const images = found.map(({ image }) => image);
  const verdict = old.length > 0 ? 'fail' : resolved.verdict;
  const summary = [...new Set(old), resolved.summary, ...imageNotes(images)].join('; ');
  return warned({ ...resolved, verdict, summary }, [
    ...imageWarnings(images),
    ...(untold.length > 0
      ? [`${[...new Set(untold)].join(', ')}: says no version to --version, so nobody knows whether it is new enough`]
      : []),
  ]);
}

/** `known`: what people should know of the plan beside; `refused`: what no step could do of it, whatever it may. */
export function rightsAreThere(
  found: { machine: string; rights: Right[] }[],
  known: string[] = [],
  refused: string[] = [],
): Evaluation {
  const all = found.flatMap(({ machine, rights }) => rights.map((right) => ({ machine, ...right })));
  if (found.length === 0 || found.some(({ rights }) => rights.length === 0))
    return inconclusive('a machine checked nothing');
  const missing = all.filter((right) => !right.ok);
  return warned(
    unless(
      [...missing.map((right) => `${right.machine}: ${right.what}: ${right.detail}`), ...refused],
      `${all.length} rights on ${found.length} machines`,
      { checked: all.length, missing: missing.length },
    ),
    missing.length + refused.length > 0 ? [] : [...all.flatMap(({ warning }) => warning ?? []), ...known],
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

/**
 * `exactly`: to the addresses of the plan, and to no other. A machine may know itself by a loopback address, if what is published there is so at
 * that one: `addressesOf` gives where, undefined for everywhere.
 */
export function namesResolve(
  machines: Pick<Machine, 'name' | 'address'>[],
  exactly = false,
  addressesOf: (machine: string) => string[] | undefined = () => undefined,
) {
  return (found: { machine: string; names: NameFound[] }[]): Evaluation => {
    const problems = found.flatMap(({ machine, names }) =>
      machines.flatMap((wanted) => {
        const name = names.find((other) => other.name === wanted.name);
        if (!name?.here)
          return [
            `${wanted.name} does not resolve on ${machine}; add "${wanted.address} ${wanted.name}" to its /etc/hosts`,
          ];
        const addresses = name.all ?? [name.here];
        const at = addressesOf(machine);
        const isItself = (one: string) => wanted.name === machine && isLoopback(one) && (!at || at.includes(one));
        if (exactly && !leadThere(addresses, wanted.address, isItself))
          return [
            `${wanted.name} is ${addresses.join(', ')} on ${machine}; the plan says ${wanted.address}${wanted.name === machine && at ? `, and listens at ${at.join(', ')}` : ''}: mend its /etc/hosts, or the plan`,
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
/** `failedAtMost`: of the requests, in percent. */
export function baselineIsWhole(found: Record<string, Impact>, failedAtMost = 0): Evaluation {
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
  const failing = responses.filter(({ failed, samples }) => failed > (failedAtMost / 100) * samples);
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
  /** Why not. Weeks of before did not tell it. */
  why?: string;
  log: boolean;
  /** Why nobody can look for one. */
  whyNoLog?: string;
  activeHub: boolean;
  /** A list of hubs. Weeks of before did not ask for it, nor for the next two. */
  hubs?: boolean;
  /** Its whole health, as it is judged once it is moved. */
  shown?: Shown;
  /** What those of its functions answer that may be called before the week. */
  functions?: { name: string; is: Shown }[];
  acks: boolean;
  nats: boolean;
  check: boolean;
  /** A line of its log that states a level. Weeks of before did not ask for one. */
  logLine?: string | null;
  /** How many of its entries do; workers of before do not count them. */
  logEntries?: Entries;
  /** Why the week's hub would not scrape it, with the version that it has. */
  unscrapable?: string | undefined;
  /** The same, where that hub takes it and newer ones would not. */
  frowned?: string | undefined;
  /** Why CentralHub does not have it. */
  notInCentral?: string | undefined;
  /** Why nobody can tell. */
  unseenInCentral?: string | undefined;
}

/** A log in which errors are seen and a healthy /health are needed; rows that what is missing would support are named. */
export function contractIsKnown(plan: Pick<Plan, 'migration' | 'agents'>) {
  return (found: Shows[]): Evaluation => {
    if (found.length === 0) return inconclusive('no agent was asked');
    const missing = found
      .filter((agent) => agent.pilot)
      .flatMap((agent) =>
        [
          (!agent.activeHub || agent.hubs === false) && `${agent.agent} dual-hub`,
          !agent.acks && `${agent.agent} failover and loss`,
          !agent.nats && `${agent.agent} nats`,
          ...functionsMissing(plan, agent.agent),
        ].filter((row): row is string => Boolean(row)),
      );
    const uncalled = found.flatMap((agent) => uncalledFirst(plan, agent));
    const unchecked = found.flatMap(({ agent, pilot, check }) => (pilot && !check ? [agent] : []));
    const asked = found.filter(({ log, logLine }) => log && logLine !== undefined);
    const unseen = new Map(
      asked.map(({ agent, logLine = null, logEntries }) => [
        agent,
        whyUnseen(
          plan,
          plan.agents.find(({ name }) => name === agent)!,
          logLine,
          logEntries,
        ),
      ]),
    );
    const seen = asked.filter(({ agent }) => unseen.get(agent) === null).map(({ agent }) => agent);
    const evaluated = unlessSeen(
      found.flatMap((agent) => [
        !agent.health && `${agent.agent} does not answer its health URL${agent.why ? `: ${agent.why}` : ''}`,
        unwellOf(agent),
        functionsOff(plan, agent),
        agent.unscrapable && `${agent.agent} can't be scraped: ${agent.unscrapable}`,
        agent.notInCentral && `${agent.agent} is not in CentralHub: ${agent.notInCentral}`,
        agent.pilot && !agent.log && `${agent.agent} has no log file${agent.whyNoLog ? `: ${agent.whyNoLog}` : ''}`,
        // Nobody watches the logs of the others.
        agent.pilot && unseen.get(agent.agent),
      ]),
      [...new Set(found.flatMap(({ unseenInCentral: why }) => (why ? [`CentralHub is not seen: ${why}`] : [])))],
      [
        `${found.length} agents${missing.length === 0 ? ', pilots show all that the week looks at' : ''}`,
        ...(asked.length > 0 ? [`an error would be seen in the log of ${seen.join(', ') || 'nobody'}`] : []),
      ].join('; '),
      {
        agents: found.length,
        unsupported: missing,
        metric: plan.migration.contract.acknowledged?.metric ?? null,
        ...(asked.length > 0 ? { errorsSeenOf: seen } : {}),
      },
    );
    if (evaluated.verdict !== 'pass') return evaluated;
    return warned(evaluated, [
      ...(missing.length > 0 ? [`inconclusive for want of evidence: ${missing.join(', ')}`] : []),
      ...(uncalled.length > 0
        ? [
            `${uncalled.join(', ')}: asked by POST, which might change something, so nobody knows before the week whether it answers as it should`,
          ]
        : []),
      ...(unchecked.length > 0 ? [uncheckedText(unchecked)] : []),
      ...found.flatMap(({ agent, frowned }) => (frowned === undefined ? [] : [`${agent}: ${frowned}`])),
    ]);
  };
}

/** Of one that answers. */
function unwellOf({ agent, health, shown }: Shows): string | false {
  if (!health || !shown) return false;
  const { verdict, summary } = healthy()(shown);
  return verdict !== 'pass' && `${agent}: ${summary}`;
}
