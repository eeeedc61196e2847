// What a hub has stored, scrapes and fires.
import type { Series } from '../../plan/machine-api/prometheus.ts';
import type { Reach } from '../http/reach.ts';
import { api, seconds } from './api.ts';

type Sample = [unixSeconds: number, value: string];

const readTimeoutMs = 30_000;

/** Values that are not finite (0/0) can't travel as JSON and are left out. */
export async function instantQuery(hub: string | Reach, query: string, atMs?: number): Promise<Series[]> {
  const data = await api<{ resultType: string; result: unknown }>(hub, 'query', {
    query,
    ...(atMs === undefined ? {} : { time: seconds(atMs) }),
  });
  const found =
    data.resultType === 'scalar'
      ? [{ metric: {}, value: data.result as Sample }]
      : (data.result as { metric: Record<string, string>; value: Sample }[]);
  return found
    .map(({ metric, value: [at, value] }) => ({ labels: metric, value: Number(value), at }))
    .filter(({ value }) => Number.isFinite(value));
}

/** Raw samples with fromMs <= time <= toMs of every series that matches. */
export async function rawValues(
  hub: string | Reach,
  selector: string,
  fromMs: number,
  toMs: number,
): Promise<number[]> {
  // A range leaves out its left end in Prometheus 3 and holds it in 2: one millisecond more, then cut by time.
  const query = `${selector}[${toMs - fromMs + 1}ms]`;
  const { result } = await api<{ result: { values: Sample[] }[] }>(
    hub,
    'query',
    { query, time: seconds(toMs) },
    readTimeoutMs,
  );
  return result.flatMap(({ values }) =>
    values.filter(([at]) => Math.round(at * 1000) >= fromMs).map(([, value]) => Number(value)),
  );
}

export async function alertRules(hub: string | Reach): Promise<{ rules: string[]; firing: string[] }> {
  const { groups } = await api<{ groups: { rules: { name: string; state: string }[] }[] }>(hub, 'rules', {
    type: 'alert',
  });
  const rules = groups.flatMap((group) => group.rules);
  return {
    rules: rules.map(({ name }) => name),
    firing: rules.filter(({ state }) => state === 'firing').map(({ name }) => name),
  };
}
