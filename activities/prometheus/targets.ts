// What a hub scrapes, and where: the labels of a target are whatever the owner of the hub makes of them.
import pMap from 'p-map';
import { spelt } from '../../plan/addresses.ts';
import type { Places, Target } from '../../plan/machine-api/prometheus.ts';
import { urlOf } from '../../plan/machine-api/target.ts';
import { promMs } from '../../plan/schema/duration.ts';
import { addressesOf } from '../host/resolve-names.ts';
import type { Reach } from '../http/reach.ts';
import { api } from './api.ts';

/** As the API of Prometheus has a target. */
export interface ActiveTarget {
  labels: Record<string, string>;
  discoveredLabels?: Record<string, string>;
  scrapePool: string;
  scrapeUrl: string;
  /** Hubs before 2.28 do not tell. */
  scrapeInterval?: string;
  health: string;
  lastError: string;
}

const sideBySide = 8;

export async function activeTargets(hub: string | Reach): Promise<ActiveTarget[]> {
  return (await api<{ activeTargets: ActiveTarget[] }>(hub, 'targets', { state: 'active' })).activeTargets;
}

/** Whom names lead to: asked once each. */
export type LookUp = (host: string) => Promise<string[]>;

export function lookUps(): LookUp {
  const asked = new Map<string, Promise<string[]>>();
  return (host) => {
    if (!asked.has(host)) asked.set(host, addressesOf(host));
    return asked.get(host)!;
  };
}

export async function targetsOf(hub: string | Reach): Promise<Target[]> {
  return (await activeTargets(hub)).map((target) => shown(target, whereOf(target).place));
}

/** Those alone that are scraped at one of these places. */
export async function targetsAt(hub: string | Reach, at: Places, look: LookUp): Promise<Target[]> {
  return [...(await scrapedAt(hub, at, look))].map(([target, place]) => shown(target, place));
}

function shown({ labels, scrapePool, health, lastError, scrapeInterval }: ActiveTarget, address: string): Target {
  const instance = labels['instance'] ?? '';
  return {
    job: labels['job'] ?? scrapePool,
    instance,
    health,
    lastError,
    ...(address.toLowerCase() !== instance.toLowerCase() && { address }),
    ...(scrapeInterval && { everyMs: promMs(scrapeInterval) }),
  };
}

/**
 * The targets that are scraped at one of these places, each with it: by the machine's name, by its address, or by another name that leads
 * there; through a proxy by what the hub was told to scrape.
 */
export async function scrapedAt(hub: string | Reach, at: Places, look: LookUp): Promise<Map<ActiveTarget, string>> {
  const known = new Map<string, string>();
  const onPort = new Map<string, { place: string; address: string }[]>();
  const own = new URL(urlOf(hub)).hostname.toLowerCase();
  for (const [place, address] of Object.entries(at)) {
    const [machine, port] = parted(place);
    // On its own machine a hub may ask itself.
    const hosts = [machine, address, ...(machine.toLowerCase() === own ? loopback : [])];
    for (const host of hosts) known.set(placeOf(host, port), place);
    onPort.set(port, [...(onPort.get(port) ?? []), { place, address }]);
  }
  const found = await pMap(
    await activeTargets(hub),
    async (target) => {
      const { host, port, place, isOfExporter } = whereOf(target);
      const named = known.get(place) ?? (isOfExporter ? undefined : known.get(toldOf(target)));
      const there = onPort.get(port) ?? [];
      if (named !== undefined || there.length === 0) return [target, named] as const;
      const addresses = (await look(host)).map(spelt);
      return [target, there.find(({ address }) => addresses.includes(spelt(address)))?.place] as const;
    },
    { concurrency: sideBySide },
  );
  return new Map(found.filter((one): one is readonly [ActiveTarget, string] => one[1] !== undefined));
}

const loopback = ['localhost', '127.0.0.1', '::1'];

interface Where {
  host: string;
  port: string;
  place: string;
  /** It is asked about a target, as the blackbox exporter is: that it answers says nothing of that one. */
  isOfExporter: boolean;
}

function whereOf({ scrapeUrl }: ActiveTarget): Where {
  const { protocol, hostname, port, searchParams } = new URL(scrapeUrl);
  const [host, its] = [hostname.replace(/^\[|\]$/g, ''), port || (protocol === 'https:' ? '443' : '80')];
  return { host, port: its, place: placeOf(host, its), isOfExporter: searchParams.has('target') };
}

/** Behind a proxy it is scraped at the proxy's address. */
function toldOf({ discoveredLabels }: ActiveTarget): string {
  return (discoveredLabels?.['__address__'] ?? '').toLowerCase();
}

function placeOf(host: string, port: string): string {
  return `${spelt(host).toLowerCase()}:${port}`;
}

function parted(place: string): [host: string, port: string] {
  const at = place.lastIndexOf(':');
  return [place.slice(0, at), place.slice(at + 1)];
}
