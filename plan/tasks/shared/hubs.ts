// The hubs of a plan: where they are reached, and how they take a new configuration.
import type { ReloadSpec } from '../../week/undo.ts';
import type { EdgeHub } from '../edgehub/schema.ts';
import type { CentralHub } from '../preflight/schema.ts';

export type Hub = CentralHub | EdgeHub;

/** By machine name, as the plan writes URLs: http://PC2:9100. */
export function hubUrl({ machine, port }: Hub): string {
  return `http://${machine}:${typeof port === 'number' ? port : port.host}`;
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
  return { container: hub.name, url: hubUrl(hub), lifecycle, withinMs: reloadWithinMs };
}
