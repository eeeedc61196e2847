// The hubs of a plan: where they are reached, and how they take a new configuration.
import { targetOf, type HttpTarget } from '../../machine-api/target.ts';
import { urlAt } from '../../schema/endpoints.ts';
import type { ReloadSpec } from '../../week/undo.ts';
import type { EdgeHub } from '../edgehub/schema.ts';
import type { CentralHub } from '../preflight/schema.ts';

export type Hub = CentralHub | EdgeHub;

export function hubUrl(hub: Hub): string {
  return urlAt(hub, typeof hub.port === 'number' ? hub.port : hub.port.host);
}

export function hubTarget(hub: Hub, path = ''): HttpTarget {
  return targetOf(hub, `${hubUrl(hub)}${path}`);
}

/** The names of its response times. */
export function timesOf(hub: string): { query: string; write: string } {
  return { query: `${hub} query`, write: `${hub} write` };
}

/** What a hub is there for: it has to look into what it stores. */
export const queryPath = '/api/v1/query?query=count(up)';

const reloadWithinMs = 30_000;

export function reloadSpec(hub: Hub): ReloadSpec {
  const lifecycle = 'command' in hub ? hub.command.includes('--web.enable-lifecycle') : hub.lifecycle;
  return { container: hub.name, url: hubTarget(hub), lifecycle, withinMs: reloadWithinMs };
}
