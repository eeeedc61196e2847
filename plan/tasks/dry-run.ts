// What a plan wants of its machines, and how that differs from what is there. Pure; for `hubshift start --dry-run`.
import type {
  ConfigValidation,
  ContainerSpec,
  ContainerState,
  DirectoryState,
  HubStatus,
  ImageFound,
  PortHolder,
  StreamState,
} from '../machine-api/index.ts';
import { hostPortsOf, pilotsOf, servicesOf, type Plan, type Service } from '../schema/plan.ts';
import { applyEdit } from '../yaml/edit.ts';
import { edgeRules } from './edgehub/alerts.ts';
import { natsConfig } from './messaging/config.ts';
import { edgeConfig, scrapeJobs } from './edgehub/config.ts';
import { containerSpec } from './shared/specs.ts';
import { configDirectory, hubsOf, hubUrl, natsUrl } from '../schema/endpoints.ts';

/** Something that the week makes or edits, as plain JSON. `target` is its name or path. */
export type Wish = { machine: string; target: string } & (
  | { what: 'ports'; ports: number[]; containers: string[] }
  | { what: 'directory'; owner: string }
  | { what: 'file'; sha256: string }
  | { what: 'container'; image: string; spec: ContainerSpec }
  | { what: 'scrape jobs'; hub: string; jobs: string[] }
  | { what: 'stream'; server: string; replicas: number }
  | { what: 'agent configuration' }
);
export type WishOf<W extends Wish['what']> = Extract<Wish, { what: W }>;

export interface Found {
  /** What is there, in a few words. */
  found: string;
  change: 'none' | 'create' | 'replace' | 'edit' | 'blocked';
}
export interface Difference extends Found {
  machine: string;
  what: Wish['what'];
  target: string;
}

type Made = Exclude<Service, { kind: 'central-hub' }>;

/** In the order in which the week makes them. `sha256` digests a text. */
export function wishesOf(plan: Plan, sha256: (text: string) => string): Wish[] {
  const made = plan.services.filter((service): service is Made => service.kind !== 'central-hub');
  const streams = servicesOf(plan, 'nats')
    .slice(0, 1)
    .flatMap((server) =>
      plan.messaging.streams.map((stream): Wish => ({
        what: 'stream',
        machine: server.machine,
        target: stream.name,
        server: natsUrl(server),
        replicas: stream.replicas,
      })),
    );
  return [
    ...plan.machines.map(({ name }): Wish => {
      const here = made.filter((service) => service.machine === name);
      const ports = here.flatMap(hostPortsOf);
      return {
        what: 'ports',
        machine: name,
        target: ports.join(', '),
        ports,
        containers: here.map((service) => service.name),
      };
    }),
    ...made.flatMap((service): Wish[] => [
      ...service.directories.map(({ path, owner }): Wish => ({
        what: 'directory',
        machine: service.machine,
        target: path,
        owner,
      })),
      ...filesOf(plan, service).map(([path, content]): Wish => ({
        what: 'file',
        machine: service.machine,
        target: path,
        sha256: sha256(content),
      })),
      {
        what: 'container',
        machine: service.machine,
        target: service.name,
        image: service.image,
        spec: containerSpec(plan, service, service.image),
      },
    ]),
    ...Object.values(hubsOf(plan)).map((hub): Wish => ({
      what: 'scrape jobs',
      machine: hub.machine,
      target: hub.name,
      hub: hubUrl(hub),
      jobs: scrapeJobs(plan, hub.name).map((job) => job.job_name),
    })),
    ...streams,
    ...pilotsOf(plan).map((pilot): Wish => ({
      what: 'agent configuration',
      machine: pilot.machine,
      target: pilot.config,
    })),
  ];
}

/** The files that the week writes whole, by path, as they are at its end. */
function filesOf(plan: Plan, service: Made): [path: string, content: string][] {
  if (service.kind === 'pushgateway') return [];
  const { path } = configDirectory(service);
  if (service.kind === 'nats') return [[`${path}/${service.configFile}`, natsConfig(plan, service)]];
  const config = applyEdit(edgeConfig(plan), { kind: 'scrape-jobs', jobs: scrapeJobs(plan, service.name) });
  return [
    [`${path}/${service.configFile}`, config],
    [`${path}/${service.rulesFile}`, edgeRules(plan)],
  ];
}

export function portsDiffer({ containers }: WishOf<'ports'>, holders: PortHolder[]): Found {
  const foreign = holders.filter((holder) => !holder.free && !containers.includes(holder.container ?? ''));
  if (foreign.length === 0) return { found: "free, or held by the plan's own containers", change: 'none' };
  const who = foreign.map(
    ({ port, container, process, pid }) =>
      `${port} is held by ${container ? `container ${container}` : `${process ?? 'a process'} (pid ${pid ?? '?'})`}`,
  );
  return { found: who.join(', '), change: 'blocked' };
}

export function directoryDiffers({ owner }: WishOf<'directory'>, is: DirectoryState): Found {
  if (!is.exists) return { found: 'missing', change: 'create' };
  return is.owner === owner
    ? { found: `there, owner ${owner}`, change: 'none' }
    : { found: `owner ${is.owner}, wanted ${owner}`, change: 'edit' };
}

export function fileDiffers(wish: WishOf<'file'>, is: { exists: boolean; sha256: string | null }): Found {
  if (!is.exists) return { found: 'missing', change: 'create' };
  return is.sha256 === wish.sha256
    ? { found: 'there, as rendered', change: 'none' }
    : { found: 'has another content', change: 'replace' };
}

/** `resolved` is what the image's tag means on the machine, null when it is not there. */
export function containerDiffers(
  { spec, image }: WishOf<'container'>,
  is: ContainerState,
  resolved: ImageFound | null,
): Found {
  if (!is.exists) return { found: resolved ? 'missing' : `missing, and so is ${image}`, change: 'create' };
  if (!is.ours)
    return { found: `there is one that is not ours (image ${is.image}): rename or remove it`, change: 'blocked' };
  const wanted = {
    image: [resolved?.digest, resolved?.id].includes(is.image) ? is.image : (resolved?.digest ?? resolved?.id ?? image),
    restart: spec.restart,
    ports: spec.ports.map(({ host, container }) => `${host}->${container}`).sort(),
    binds: spec.binds.map(({ host, container }) => `${host}:${container}`).sort(),
    command: spec.command,
  };
  const there = {
    image: is.image,
    restart: is.restartPolicy,
    ports: [...is.ports].sort(),
    binds: [...is.binds].sort(),
    command: is.command,
  };
  const differs = (Object.keys(wanted) as (keyof typeof wanted)[]).filter(
    (key) => JSON.stringify(wanted[key]) !== JSON.stringify(there[key]),
  );
  if (differs.length > 0) return { found: `differs in ${differs.join(', ')}`, change: 'replace' };
  return is.running
    ? { found: 'runs, as specified', change: 'none' }
    : { found: `as specified, but ${is.status}`, change: 'edit' };
}

export function jobsDiffer({ jobs }: WishOf<'scrape jobs'>, is: HubStatus): Found {
  const missing = jobs.filter((job) => !is.jobs.includes(job));
  return missing.length === 0
    ? { found: `scrapes ${jobs.join(', ')}`, change: 'none' }
    : { found: `does not scrape ${missing.join(', ')}`, change: 'edit' };
}

export function streamDiffers({ replicas }: WishOf<'stream'>, is: StreamState): Found {
  if (is.error) return { found: 'missing', change: 'create' };
  // The leader is not among its own replicas.
  const copies = is.replicas.length + (is.leader && !is.replicas.some((replica) => replica.name === is.leader) ? 1 : 0);
  return copies === replicas
    ? { found: `there, ${replicas} replicas, ${is.messages} messages`, change: 'none' }
    : { found: `${copies} replicas, wanted ${replicas}`, change: 'edit' };
}

export function agentDiffers(is: ConfigValidation): Found {
  return is.ours.ok
    ? { found: 'has dual-hub settings', change: 'none' }
    : { found: 'Phase 1: no dual-hub settings', change: 'edit' };
}
