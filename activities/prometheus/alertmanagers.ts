// What arrives at Alertmanagers of what a hub sends them (their API v2).
import pMap from 'p-map';
import type { AtAlertmanager, PrometheusActivities } from '../../plan/machine-api/prometheus.ts';
import type { Reach } from '../http/reach.ts';
import { firstLine, request } from '../http/request.ts';
import { api } from './api.ts';

type Ask = Parameters<PrometheusActivities['alertsAt']>[0];

const sideBySide = 4;

export async function alertsAt(
  hub: string | Reach,
  { alert, labels, alertmanagers }: Omit<Ask, 'hub' | 'withinMs'>,
): Promise<{ sendsTo: string[]; upMs: number | null; at: AtAlertmanager[] }> {
  const [{ activeAlertmanagers }, { startTime }] = await Promise.all([
    api<{ activeAlertmanagers: { url: string }[] }>(hub, 'alertmanagers'),
    api<{ startTime: string }>(hub, 'status/runtimeinfo'),
  ]);
  return {
    sendsTo: activeAlertmanagers.map(({ url }) => url),
    // On its own machine: one clock.
    upMs: Date.now() - Date.parse(startTime),
    at: await pMap(alertmanagers, (url) => received(url, { ...labels, alertname: alert }), { concurrency: sideBySide }),
  };
}

async function received(url: string, labels: Record<string, string>): Promise<AtAlertmanager> {
  const search = new URLSearchParams();
  for (const [label, value] of Object.entries(labels)) search.append('filter', `${label}=${JSON.stringify(value)}`);
  try {
    const { status, headers, text } = await request(`${url}/api/v2/alerts?${search}`);
    if (status !== 200) return { url, receivedMsAgo: null, error: `answered ${status}: ${firstLine(text)}` };
    // By its own clock, which may be another one than ours.
    const now = Date.parse(headers.get('date') ?? '') || Date.now();
    const ages = (JSON.parse(text) as { updatedAt: string }[]).map(({ updatedAt }) => now - Date.parse(updatedAt));
    return { url, receivedMsAgo: ages.length === 0 ? null : Math.min(...ages) };
  } catch (error) {
    return { url, receivedMsAgo: null, error: (error as Error).message };
  }
}
