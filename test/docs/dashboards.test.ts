// The dashboards and what provisions them, as Grafana reads them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { dashboards, monitoring } from './dashboards.ts';

it('there is one for hubshift, EdgeHub, NATS and the agents, each with a name of its own', () => {
  expect(dashboards.map(({ file }) => file)).toEqual(['agents.json', 'edgehub.json', 'hubshift.json', 'nats.json']);
  for (const key of ['uid', 'title'] as const)
    expect(new Set(dashboards.map((board) => board[key])).size).toBe(dashboards.length);
});

describe.each(dashboards)('$file', ({ uid, schemaVersion, tags, annotations, templating, panels }) => {
  it('is of a model that Grafana 10 and later read, and can be found', () => {
    expect(schemaVersion).toBe(39);
    // Grafana takes 40 characters.
    expect(uid).toMatch(/^[a-z-]{1,40}$/);
    expect(tags).toEqual(['hubshift']);
  });

  it('shows what happens', () => {
    expect(annotations.list).toMatchObject([
      { datasource: { uid: '-- Grafana --' }, target: { type: 'tags', tags: ['hubshift'] } },
    ]);
  });

  it('has panels with ids and places of their own', () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    for (const { gridPos } of panels) expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
  });

  it('asks the data source that people choose, by variables that it has', () => {
    const known = templating.list.map(({ name }) => name);
    expect(templating.list[0]).toMatchObject({ name: 'source', type: 'datasource', query: 'prometheus' });
    for (const { title, datasource, targets } of panels) {
      expect(datasource, title).toEqual({ type: 'prometheus', uid: '${source}' });
      expect(targets.length, title).toBeGreaterThan(0);
      expect(new Set(targets.map(({ refId }) => refId)).size, title).toBe(targets.length);
      for (const { expr } of targets)
        for (const [, name] of expr.matchAll(/\$(\w+)/g)) expect([...known, '__rate_interval'], expr).toContain(name);
    }
  });
});

it('Grafana is given the hub that has everything, and the dashboards', () => {
  const provisioned = (kind: string): unknown =>
    parse(readFileSync(join(monitoring, 'provisioning', kind, 'hubshift.yml'), 'utf8'));
  expect(provisioned('datasources')).toMatchObject({
    apiVersion: 1,
    datasources: [
      { type: 'prometheus', access: 'proxy', url: 'http://MainPC:9000', jsonData: { timeInterval: '15s' } },
    ],
  });
  expect(provisioned('dashboards')).toMatchObject({
    apiVersion: 1,
    providers: [{ type: 'file', options: { path: expect.stringMatching(/^\//) } }],
  });
});
