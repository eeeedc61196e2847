// The Alertmanagers of a plan: their URLs, the row that looks at them, and its verdict.
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { serviceOf } from '../../../../plan/schema/plan.ts';
import { alertmanagerUrls, alertsArrive } from '../../../../plan/tasks/edgehub/alertmanagers.ts';
import { edgeRules, ofRun } from '../../../../plan/tasks/edgehub/alerts.ts';
import { edgeConfig } from '../../../../plan/tasks/edgehub/config.ts';
import { stepsOf } from '../../../../plan/tasks/steps.ts';
import { footprintOf } from '../../../../plan/week/digest.ts';
import { judge } from '../judged.ts';
import { weekPlan } from '../plan.ts';

const url = 'http://PC2:9093';
const other = 'https://alerts.example.org/alertmanager';
const seen = (receivedMsAgo: (number | null)[], change: object = {}) =>
  alertsArrive(
    'Watchdog',
    [url, other],
    90_000,
  )({
    sendsTo: [url, other].map((one) => `${one}/api/v2/alerts`),
    upMs: 60_000,
    at: [url, other].flatMap((one, index) =>
      receivedMsAgo[index] === undefined ? [] : [{ url: one, receivedMsAgo: receivedMsAgo[index] }],
    ),
    waitedMs: 100,
    ...change,
  });

judge({
  alertsArrive: {
    passes: [seen([0, 60_000]), seen([-900, 100])],
    fails: [
      [seen([100, null]), /^https:\/\/alerts\.example\.org\/alertmanager: Watchdog did not arrive within 100 ms$/],
      [seen([100, 60_001]), /Watchdog arrived from an EdgeHub of before/],
      [seen([90_000, 7_200_000], { upMs: 86_400_000 }), /^https:.*: Watchdog arrived 2h ago, and no more since$/],
      [seen([100, 100], { sendsTo: [`${url}/api/v2/alerts`] }), /does not send there, but to http:\/\/PC2:9093/],
      [seen([100, 100], { sendsTo: [] }), /but to nobody/],
    ],
    noData: [
      [seen([]), 'inconclusive'],
      [seen([100]), 'inconclusive'],
      [seen([100, 100], { upMs: null, error: 'refused' }), 'inconclusive'],
      [seen([], { at: [url, other].map((one) => ({ url: one, receivedMsAgo: null, error: 'refused' })) }), 'inconclusive'],
    ], // prettier-ignore
  },
});

const naming = () => {
  const plan = weekPlan();
  serviceOf(plan, 'edge-hub').alerting = {
    alertmanagers: [
      { target: 'PC2:9093', scheme: 'http', path: '/' },
      { target: 'alerts.example.org:443', scheme: 'https', path: '/alertmanager/' },
    ],
  };
  return plan;
};

it('are in the configuration, and asked where Prometheus sends to', () => {
  const plan = naming();
  expect(parse(edgeConfig(plan)).alerting).toEqual({
    alertmanagers: [
      { scheme: 'http', path_prefix: '/', static_configs: [{ targets: ['PC2:9093'] }] },
      { scheme: 'https', path_prefix: '/alertmanager/', static_configs: [{ targets: ['alerts.example.org:443'] }] },
    ],
  });
  expect(alertmanagerUrls(serviceOf(plan, 'edge-hub'))).toEqual([
    'http://PC2:9093',
    'https://alerts.example.org:443/alertmanager',
  ]);
});

it('have the alert of this run by a label of its own, which no other alert has; where there is none, no alert has it', () => {
  const labelsIn = (text: string): Record<string, string>[] =>
    parse(text).groups[0].rules.map(({ labels }: { labels: Record<string, string> }) => labels);
  const [watchdog, ...others] = labelsIn(edgeRules(naming(), 'run-1'));
  expect(watchdog).toEqual({ severity: 'none', ...ofRun('run-1') });
  for (const labels of others) expect(Object.keys(labels)).toEqual(['severity']);
  expect(labelsIn(edgeRules(weekPlan(), 'run-1'))).toEqual(labelsIn(edgeRules(weekPlan())));
});

it('bring a row of their own; a plan without them is as it was, its footprint too', () => {
  const row = '2A.check.alertmanagers';
  const [without, withThem] = [weekPlan(), naming()];
  const before = serviceOf(without, 'edge-hub');
  expect(parse(edgeConfig(without))).not.toHaveProperty('alerting');
  expect(alertmanagerUrls(before)).toEqual([]);
  expect(stepsOf(without).filter(({ id }) => id === row)).toEqual([]);
  expect(stepsOf(withThem).filter(({ id }) => id === row)).toHaveLength(1);
  expect(footprintOf(withThem)).not.toBe(footprintOf(without));
  delete serviceOf(withThem, 'edge-hub').alerting;
  expect(footprintOf(withThem)).toBe(footprintOf(without));
  expect(JSON.stringify(before)).not.toContain('alerting');
});
