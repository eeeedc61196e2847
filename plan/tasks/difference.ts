// How what is there differs from what a plan wants. Pure; for `hubshift start --dry-run`.
import type { ConfigValidation } from '../machine-api/agents.ts';
import type { ContainerState, ImageFound } from '../machine-api/containers.ts';
import type { DirectoryState } from '../machine-api/files.ts';
import type { HubStatus } from '../machine-api/prometheus.ts';
import type { PortHolder } from '../machine-api/host.ts';
import type { StreamState } from '../machine-api/nats.ts';
import { heldBy, portsAt, publishedPorts, publishedText } from '../machine-api/ports.ts';
import { sameButSecrets } from '../secrets/data.ts';
import type { Desired, DesiredOf } from './desired.ts';
import { limitsDiffer } from './shared/container-limits.ts';

export interface Found {
  /** What is there, in a few words. */
  found: string;
  change: 'none' | 'create' | 'replace' | 'edit' | 'blocked';
}
export interface Difference extends Found {
  machine: string;
  what: Desired['what'];
  target: string;
}

export function portsDiffer({ containers }: DesiredOf<'ports'>, holders: PortHolder[]): Found {
  const foreign = holders.filter((holder) => !holder.free && !containers.includes(holder.container ?? ''));
  if (foreign.length === 0) return { found: "free, or held by the plan's own containers", change: 'none' };
  const who = foreign.map((holder) => `${holder.port} is held by ${heldBy(holder)}`);
  return { found: who.join(', '), change: 'blocked' };
}

export function directoryDiffers({ owner, adopt }: DesiredOf<'directory'>, is: DirectoryState): Found {
  if (!is.exists) return { found: 'missing', change: 'create' };
  if (is.filled && !adopt)
    return { found: 'there, with something in it: name its service in "adopt", or move it away', change: 'blocked' };
  return is.owner === owner
    ? { found: `there, owner ${owner}`, change: 'none' }
    : { found: `owner ${is.owner}, wanted ${owner}`, change: 'edit' };
}

export function fileDiffers(desired: DesiredOf<'file'>, is: { exists: boolean; sha256: string | null }): Found {
  if (!is.exists) return { found: 'missing', change: 'create' };
  return is.sha256 === desired.sha256
    ? { found: 'there, as rendered', change: 'none' }
    : { found: 'has another content', change: 'replace' };
}

/** `resolved` is what the image's tag means on the machine, null when it is not there. */
export function containerDiffers(
  { spec, image, adopt }: DesiredOf<'container'>,
  is: ContainerState,
  resolved: ImageFound | null,
): Found {
  if (!is.exists) return { found: resolved ? 'missing' : `missing, and so is ${image}`, change: 'create' };
  // A new week has made nothing yet. Workers of before do not say of which run it is.
  if (!adopt && (!is.ours || is.run !== undefined))
    return {
      found: `there is one ${is.run ? `of run ${is.run}` : 'that is not ours'} (image ${is.image}): adopt, rename or remove it`,
      change: 'blocked',
    };
  const wanted = {
    image: [resolved?.digest, resolved?.id].includes(is.image) ? is.image : (resolved?.digest ?? resolved?.id ?? image),
    restart: spec.restart,
    ports: portsAt(spec.ports, spec.listen).map(publishedText).sort(),
    binds: spec.binds.map(({ host, container }) => `${host}:${container}`).sort(),
    command: spec.command,
  };
  const there = {
    image: is.image,
    restart: is.restartPolicy,
    ports: publishedPorts(is).map(publishedText).sort(),
    binds: [...is.binds].sort(),
    command: is.command,
  };
  // What a machine says of a command has no secret any more; all else is as it is.
  const isSame = (key: keyof typeof wanted) =>
    key === 'command'
      ? sameButSecrets(wanted.command, there.command)
      : JSON.stringify(wanted[key]) === JSON.stringify(there[key]);
  const differs = [
    ...(Object.keys(wanted) as (keyof typeof wanted)[]).filter((key) => !isSame(key)),
    ...(limitsDiffer(spec.limits, is.limits)?.length === 0 ? [] : ['limits']),
  ];
  if (adopt)
    return {
      found: `${is.run ? `of run ${is.run}` : 'not ours'}${differs.length > 0 ? `, differs in ${differs.join(', ')}` : ''}: adopted, and started again by an undo`,
      change: 'replace',
    };
  if (differs.length > 0) return { found: `differs in ${differs.join(', ')}`, change: 'replace' };
  return is.running
    ? { found: 'runs, as specified', change: 'none' }
    : { found: `as specified, but ${is.status}`, change: 'edit' };
}

export function jobsDiffer({ jobs, adopt = [] }: DesiredOf<'scrape jobs'>, is: HubStatus): Found {
  const foreign = jobs.filter((job) => is.jobs.includes(job) && !adopt.includes(job));
  if (foreign.length > 0)
    return { found: `scrapes ${foreign.join(', ')}, not by this week: adopt, rename or remove it`, change: 'blocked' };
  const missing = jobs.filter((job) => !is.jobs.includes(job));
  return missing.length === 0
    ? { found: `scrapes ${jobs.join(', ')}`, change: 'none' }
    : { found: `does not scrape ${missing.join(', ')}`, change: 'edit' };
}

export function streamDiffers({ replicas, adopt }: DesiredOf<'stream'>, is: StreamState): Found {
  if (is.refused) return { found: is.error ?? 'its server refuses who asks', change: 'blocked' };
  if (is.error) return { found: 'missing', change: 'create' };
  if (!adopt) return { found: 'there is one that is not ours: adopt or remove it', change: 'blocked' };
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
