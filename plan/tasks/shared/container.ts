// Verdicts of containers and what each needs: its image, ports, directories, and an answer.
import type { ContainerSpec, ContainerState, Deployed, ImageFound, Published } from '../../machine-api/containers.ts';
import type { DirectoryState } from '../../machine-api/files.ts';
import type { PortHolder, Probe } from '../../machine-api/host.ts';
import { sameButSecrets } from '../../secrets/data.ts';
import type { Evaluation } from '../../week/record.ts';
import { heldBy, isPublished, portsAt, portText, publishedPorts, publishedText } from '../../machine-api/ports.ts';
import { limitsDiffer } from './container-limits.ts';
import { every, fail, inconclusive, pass, unless, unlessSeen } from './verdict.ts';
import { cut } from '../../week/cut-text.ts';

export function imagesResolved(found: { machine: string; image: string; is: ImageFound | null }[]): Evaluation {
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

export function answered({ version, apiVersion }: { version: string; apiVersion: string }): Evaluation {
  return version ? pass(`Docker ${version}`, { version, apiVersion }) : fail('Docker gave no version');
}

export function allAnswered(found: { version: string; apiVersion: string }[]): Evaluation {
  return every(
    Object.fromEntries(found.map((docker, index) => [`machine ${index + 1}`, answered(docker)])),
    `Docker ${found.map((docker) => docker.version).join(', ')}`,
  );
}

/** Each port is free, or published by the container that is this run's, or that the plan adopts; and no other has its name. */
export function freeOrOurs(container: string, { run, adopt }: { run: string; adopt: boolean }) {
  return ({ holders, state }: { holders: PortHolder[]; state: ContainerState }): Evaluation => {
    if (holders.length === 0) return inconclusive('no port was looked at');
    // Workers of before do not say of which run it is.
    const ours = adopt || (state.run === undefined ? state.ours : state.run === run);
    const foreign = holders.filter((holder) => !holder.free && !(holder.container === container && ours));
    return unless(
      [
        state.exists &&
          state.run !== undefined &&
          !ours &&
          `the container ${container} is ${state.run ? `of run ${state.run}` : 'not ours'}; adopt it in the plan, rename or remove it`,
        ...foreign.map((holder) => `port ${holder.port} is held by ${heldBy(holder)}; stop it or change the plan`),
      ],
      holders.every((holder) => holder.free)
        ? `${holders.map((holder) => holder.port).join(', ')} free`
        : `${holders.map((holder) => holder.port).join(', ')} held by our own ${container}`,
      { ports: holders.map((holder) => holder.port) },
    );
  };
}

export function ownedBy(wanted: { path: string; owner: string }[]) {
  return (found: DirectoryState[]): Evaluation =>
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

/** What runs is what was resolved at the start. */
export function sameImage(resolved: string | undefined) {
  return (found: ImageFound): Evaluation => {
    const is = found.digest ?? found.id;
    if (!resolved) return inconclusive('no image was resolved at the start');
    return unless(
      [is !== resolved && `${found.image} is ${is} now; ${resolved} was resolved at the start`],
      `${found.image} is present`,
      { digest: is.slice(-71) },
    );
  };
}

/** The container is there as specified: ours, with its restart policy, ports, binds, command and limits. */
export function asSpecified(spec: ContainerSpec) {
  return ({ deployed, state }: { deployed: Deployed; state: ContainerState }): Evaluation => {
    const published = publishedPorts(state);
    const ports = spec.ports.map(portText);
    const binds = spec.binds.map((bind) => `${bind.host}:${bind.container}`);
    const limits = limitsDiffer(spec.limits, state.limits);
    const evaluated = unless(
      [
        !state.ours && `${spec.name} is not ours`,
        state.specDigest !== deployed.specDigest && 'its specification is not the one deployed',
        state.restartPolicy !== spec.restart && `restart policy ${state.restartPolicy}`,
        ...portsAt(spec.ports, spec.listen).map(
          (port) => !isPublished(port, published) && notPublished(port, published),
        ),
        ...binds.map((bind) => !state.binds.includes(bind) && `mount ${bind} is missing`),
        // What a machine says of a command has no secret any more; the digest of the specification tells another.
        !sameButSecrets(state.command.slice(0, spec.command.length), spec.command) &&
          `its command is ${state.command.join(' ')}`,
        ...(limits ?? []),
      ],
      `${spec.name} ${deployed.action}, ${ports.join(', ')}${spec.listen ? ` at ${spec.listen.join(' and ')}` : ''}, restart ${state.restartPolicy}`,
      { id: deployed.id.slice(0, 12), specDigest: deployed.specDigest.slice(0, 19), ports },
    );
    return limits === null && evaluated.verdict === 'pass'
      ? inconclusive(
          `the worker of ${spec.name}'s machine does not say what the container is limited to: restart it with this build`,
        )
      : evaluated;
  };
}

function notPublished(port: Published, published: Published[]): string {
  const elsewhere = published.find(({ host, container }) => host === port.host && container === port.container);
  if (!elsewhere) return `port ${portText(port)} is not published`;
  return `port ${publishedText(port)} is wanted, and is published ${elsewhere.addresses ? `as ${publishedText(elsewhere)}` : 'on every interface'}`;
}

export function runningAndReady({ state, ready }: { state: ContainerState; ready: Probe }): Evaluation {
  const said = `${ready.url}: ${ready.error ?? ready.status}`;
  return unlessSeen(
    [!state.running && `the container is ${state.status}`, !ready.ok && !ready.unknown && said],
    !ready.ok && ready.unknown ? [said] : [],
    `running and ready in ${Math.round(ready.latencyMs)} ms`,
    { startedAt: state.startedAt, restarts: state.restarts },
  );
}

/** Every probe got its answer, each from the machine that it names. */
export function reachableFromAll(probes: { from: string; probe: Probe }[]): Evaluation {
  if (probes.length === 0) return inconclusive('nothing was probed');
  const saidFrom = ({ from, probe }: (typeof probes)[number]) =>
    `${probe.url} from ${from}: ${probe.error ?? probe.status}`;
  return unlessSeen(
    probes.filter(({ probe }) => !probe.ok && !probe.unknown).map(saidFrom),
    probes.filter(({ probe }) => !probe.ok && probe.unknown).map(saidFrom),
    `answers from ${[...new Set(probes.map(({ from }) => from))].join(' and ')}`,
    Object.fromEntries(probes.slice(0, 6).map(({ from, probe }) => [`${from} ms`, Math.round(probe.latencyMs)])),
  );
}

export function configIsValid(found: { what: string; exitCode: number; output: string }[]): Evaluation {
  if (found.length === 0) return inconclusive('nothing was checked');
  return unless(
    found.filter(({ exitCode }) => exitCode !== 0).map(({ what, output }) => `${what}: ${lastLine(output)}`),
    `${found.map(({ what }) => what).join(' and ')} valid`,
    { said: cut(lastLine(found.at(-1)?.output ?? ''), 100) },
  );
}

function lastLine(output: string): string {
  return output.trim().split('\n').filter(Boolean).at(-1) ?? '';
}
