// The dashboards that we give people, and their queries as Grafana would ask them.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { instantQuery } from '../../activities/prometheus/queries.ts';

export interface Panel {
  id: number;
  title: string;
  type: string;
  datasource: { type: string; uid: string };
  gridPos: { x: number; y: number; w: number; h: number };
  targets: { expr: string; refId: string; legendFormat: string }[];
}

export interface Dashboard {
  file: string;
  title: string;
  uid: string;
  schemaVersion: number;
  tags: string[];
  annotations: { list: { datasource: { uid: string }; target: { type: string; tags: string[] } }[] };
  templating: { list: { name: string; type: string; query: string | { query: string } }[] };
  panels: Panel[];
}

export const monitoring = join(import.meta.dirname, '../../docs/monitoring');

export const dashboards: Dashboard[] = readdirSync(join(monitoring, 'dashboards')).map((file) => ({
  ...(JSON.parse(readFileSync(join(monitoring, 'dashboards', file), 'utf8')) as Omit<Dashboard, 'file'>),
  file,
}));

export const boardNamed = (file: string) => dashboards.find((board) => board.file === file)!;

export interface Query {
  panel: string;
  expr: string;
}

/** What people chose of its variables; an interval for rates that holds several scrapes. */
export function queriesOf({ title, panels }: Dashboard, chosen: Record<string, string>, interval = '1m'): Query[] {
  return panels.flatMap((panel) =>
    panel.targets.map(({ expr, refId }) => ({
      panel: `${title}: ${panel.title} (${refId})`,
      expr: Object.entries({ ...chosen, __rate_interval: interval }).reduce(
        (text, [name, value]) => text.replaceAll(`$${name}`, value),
        expr,
      ),
    })),
  );
}

/** Those to which the hub has no number. */
export async function withoutData(hub: string, queries: Query[]): Promise<string[]> {
  const found: string[] = [];
  for (const { panel, expr } of queries)
    if ((await instantQuery(hub, expr)).length === 0) found.push(`${panel}: ${expr}`);
  return found;
}
