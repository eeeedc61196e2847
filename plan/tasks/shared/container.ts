// Judges of machines, containers, files and their use: preflight and the parts that every task shares.
import type { OnRecord } from '../../evidence/gate.ts';
import type {
  ContainerSpec,
  ContainerState,
  Deployed,
  DirectoryState,
  ImageFound,
  Impact,
  MachineFacts,
  NameFound,
  PortHolder,
  Probe,
  Right,
} from '../../machine-api/index.ts';
import type { Machine, Plan } from '../../schema/plan.ts';
import type { Judgement } from '../../week/record.ts';
import { every, fail, inconclusive, pass, unless } from './verdict.ts';

/** One build everywhere and clocks within the limit of each other (each offset is against the same Temporal server). */
export function machinesAgree(limitMs: number) {
  return (facts: MachineFacts[]): Judgement => {
    if (facts.length === 0) return inconclusive('no machine answered');
    const offsets = facts.map((fact) => fact.clockOffsetMs);
    const skewMs = Math.round(Math.max(...offsets) - Math.min(...offsets));
    const builds = [...new Set(facts.map((fact) => fact.build))];
    return unless(
      [
        skewMs > limitMs && `clocks differ by ${skewMs} ms; at most ${limitMs} ms`,
        builds.length > 1 &&
          `workers run different builds (${facts.map((fact) => `${fact.machine}: ${fact.build.slice(0, 12)}`).join(', ')}); install one build everywhere`,
      ],
      `${facts.length} workers of one build, clocks within ${skewMs} ms`,
      { machines: facts.map((fact) => fact.machine), build: builds[0]?.slice(0, 12) ?? '', skewMs },
    );
  };
}

/** Says what the topology can't survive; refuses one that a single machine can take down although it claims otherwise. */
export function topologyIsKnown(plan: Pick<Plan, 'messaging'>, voters: { name: string; machine: string }[]) {
  return (central: { receiver: Probe; outOfOrderWindow: string | null }): Judgement => {
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

export function rightsAreThere(found: { machine: string; rights: Right[] }[]): Judgement {
  const all = found.flatMap(({ machine, rights }) => rights.map((right) => ({ machine, ...right })));
  if (found.length === 0 || found.some(({ rights }) => rights.length === 0))
    return inconclusive('a machine checked nothing');
  const missing = all.filter((right) => !right.ok);
  return unless(
    missing.slice(0, 4).map((right) => `${right.machine}: ${right.what}: ${right.detail}`),
    `${all.length} rights on ${found.length} machines`,
    { checked: all.length, missing: missing.length },
  );
}

/** What every undo needs is there. That no level 3 is on record is said early: only the gate wants one. */
export function wayBackIsReady({
  found,
  levelThree,
}: {
  found: { machine: string; rights: Right[] }[];
  levelThree: OnRecord;
}): Judgement {
  const { verdict, summary, evidence } = rightsAreThere(found);
  const onRecord =
    'none' in levelThree
      ? `${levelThree.none}, and the gate wants one`
      : `level 3 of run ${levelThree.run} took back ${levelThree.tookBack.length} changes`;
  return { verdict, summary: `${summary}; ${onRecord}`, evidence };
}

export function namesResolve(machines: Pick<Machine, 'name' | 'address'>[]) {
  return (found: { machine: string; names: NameFound[] }[]): Judgement => {
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

export function imagesResolved(found: { machine: string; image: string; is: ImageFound | null }[]): Judgement {
  if (found.length === 0) return inconclusive('no image was looked for');
  const missing = found.filter(({ is }) => !is);
  const differing = [...new Set(found.map(({ image }) => image))].filter(
    (image) =>
      new Set(found.flatMap((other) => (other.image === image && other.is?.digest ? [other.is.digest] : []))).size > 1,
  );
  return unless(
    [
      ...missing.map(({ machine, image }) => `${image} is not on ${machine} and can't be pulled`),
      ...differing.map((image) => `${image} resolves to different digests on different machines`),
    ],
    `${found.length} images resolved`,
    Object.fromEntries(
      found.map(({ machine, image, is }) => [
        `${machine} ${image}`,
        (is?.digest?.split('@')[1] ?? is?.id ?? '').slice(0, 19),
      ]),
    ),
  );
}

/** A baseline is one when everything answered. */
export function baselineIsWhole(found: Record<string, Impact>): Judgement {
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

export function answered({ version, apiVersion }: { version: string; apiVersion: string }): Judgement {
  return version ? pass(`Docker ${version}`, { version, apiVersion }) : fail('Docker gave no version');
}

export function allAnswered(found: { version: string; apiVersion: string }[]): Judgement {
  return every(
    Object.fromEntries(found.map((docker, index) => [`machine ${index + 1}`, answered(docker)])),
    `Docker ${found.map((docker) => docker.version).join(', ')}`,
  );
}

/** Each port is free, or published by the container that is ours. */
export function freeOrOurs(container: string) {
  return ({ holders, state }: { holders: PortHolder[]; state: ContainerState }): Judgement => {
    if (holders.length === 0) return inconclusive('no port was looked at');
    const foreign = holders.filter((holder) => !holder.free && !(holder.container === container && state.ours));
    return unless(
      foreign.map(
        (holder) =>
          `port ${holder.port} is held by ${holder.container ? `container ${holder.container}` : `${holder.process ?? 'a process'} (pid ${holder.pid ?? '?'})`}; stop it or change the plan`,
      ),
      holders.every((holder) => holder.free)
        ? `${holders.map((holder) => holder.port).join(', ')} free`
        : `${holders.map((holder) => holder.port).join(', ')} held by our own ${container}`,
      { ports: holders.map((holder) => holder.port) },
    );
  };
}

export function ownedBy(wanted: { path: string; owner: string }[]) {
  return (found: DirectoryState[]): Judgement =>
    unless(
      wanted.map(({ path, owner }) => {
        const is = found.find((directory) => directory.path === path);
        return !is?.exists
          ? `${path} is not there`
          : is.owner !== owner && `${path} belongs to ${is.owner}; ${owner} is wanted`;
      }),
      `${wanted.length} directories, owner ${[...new Set(wanted.map(({ owner }) => owner))].join(', ')}`,
      { made: found.filter((directory) => directory.made).map((directory) => directory.path) },
    );
}

export function storageIsSound(owner: string, floorBytes: number) {
  return (found: DirectoryState): Judgement =>
    unless(
      [
        !found.exists && `${found.path} is not there`,
        found.owner !== owner && `${found.path} belongs to ${found.owner}; ${owner} is wanted`,
        !/^[67]/.test(found.mode) && `${found.path} has mode ${found.mode}; its owner can't write`,
        found.freeBytes < floorBytes &&
          `${Math.round(found.freeBytes / 2 ** 20)} MiB free; the plan wants ${Math.round(floorBytes / 2 ** 20)} MiB`,
      ],
      `owner ${found.owner}, mode ${found.mode}, ${(found.freeBytes / 2 ** 30).toFixed(1)} GiB free`,
      { owner: found.owner, mode: found.mode, freeBytes: found.freeBytes },
    );
}

/** What runs is what was resolved at the start. */
export function sameImage(resolved: string | undefined) {
  return (found: ImageFound): Judgement => {
    const is = found.digest ?? found.id;
    if (!resolved) return inconclusive('no image was resolved at the start');
    return unless(
      [is !== resolved && `${found.image} is ${is} now; ${resolved} was resolved at the start`],
      `${found.image} is present`,
      { digest: is.slice(-71) },
    );
  };
}

/** The container is there as specified: ours, with its restart policy, ports, binds and command. */
export function asSpecified(spec: ContainerSpec) {
  return ({ deployed, state }: { deployed: Deployed; state: ContainerState }): Judgement => {
    const ports = spec.ports.map((port) => `${port.host}->${port.container}`);
    const binds = spec.binds.map((bind) => `${bind.host}:${bind.container}`);
    return unless(
      [
        !state.ours && `${spec.name} is not ours`,
        state.specDigest !== deployed.specDigest && 'its specification is not the one deployed',
        state.restartPolicy !== spec.restart && `restart policy ${state.restartPolicy}`,
        ...ports.map((port) => !state.ports.includes(port) && `port ${port} is not published`),
        ...binds.map((bind) => !state.binds.includes(bind) && `mount ${bind} is missing`),
        spec.command.some((part, index) => state.command[index] !== part) &&
          `its command is ${state.command.join(' ')}`,
      ],
      `${spec.name} ${deployed.action}, ${ports.join(', ')}, restart ${state.restartPolicy}`,
      { id: deployed.id.slice(0, 12), specDigest: deployed.specDigest.slice(0, 19), ports },
    );
  };
}

export function runningAndReady({ state, ready }: { state: ContainerState; ready: Probe }): Judgement {
  return unless(
    [!state.running && `the container is ${state.status}`, !ready.ok && `${ready.url}: ${ready.status ?? ready.error}`],
    `running and ready in ${Math.round(ready.latencyMs)} ms`,
    { startedAt: state.startedAt, restarts: state.restarts },
  );
}

/** Every probe got its answer, each from the machine that it names. */
export function reachableFromAll(probes: { from: string; probe: Probe }[]): Judgement {
  if (probes.length === 0) return inconclusive('nothing was probed');
  return unless(
    probes
      .filter(({ probe }) => !probe.ok)
      .map(({ from, probe }) => `${probe.url} from ${from}: ${probe.status ?? probe.error}`),
    `answers from ${[...new Set(probes.map(({ from }) => from))].join(' and ')}`,
    Object.fromEntries(probes.slice(0, 6).map(({ from, probe }) => [`${from} ms`, Math.round(probe.latencyMs)])),
  );
}

export function configIsValid(found: { what: string; exitCode: number; output: string }[]): Judgement {
  if (found.length === 0) return inconclusive('nothing was checked');
  return unless(
    found.filter(({ exitCode }) => exitCode !== 0).map(({ what, output }) => `${what}: ${lastLine(output)}`),
    `${found.map(({ what }) => what).join(' and ')} valid`,
    { said: lastLine(found.at(-1)?.output ?? '').slice(0, 100) },
  );
}

function lastLine(output: string): string {
  return output.trim().split('\n').filter(Boolean).at(-1) ?? '';
}
