// The Alertmanagers that a plan may name, and whether EdgeHub's alerts arrive at each: 2A.check.alertmanagers.
import type { PrometheusActivities } from '../../machine-api/prometheus.ts';
import { humanDuration } from '../../schema/duration.ts';
import type { Evaluation } from '../../week/record.ts';
import { every, fail, inconclusive, pass } from '../shared/verdict.ts';
import type { EdgeHub } from './schema.ts';

type Alerting = NonNullable<EdgeHub['alerting']>;
type Seen = Awaited<ReturnType<PrometheusActivities['alertsAt']>>;

/** As Prometheus' configuration has them: a group for each, since scheme and path are a group's. */
export function alertingConfig({ alertmanagers }: Alerting) {
  return {
    alertmanagers: alertmanagers.map(({ target, scheme, path }) => ({
      scheme,
      path_prefix: path,
      static_configs: [{ targets: [target] }],
    })),
  };
}

/** A Prometheus sends again what fires after a minute; what it sends before it has looked for its Alertmanagers goes nowhere. */
export const sentAgainMs = 75_000;
export const resendFlag = '--rules.alert.resend-delay';

/** None where the plan names none, as plans of before do. */
export function alertmanagerUrls({ alerting }: Pick<EdgeHub, 'alerting'>): string[] {
  return (alerting?.alertmanagers ?? []).map(
    ({ target, scheme, path }) => `${scheme}://${target}${path.replace(/\/+$/, '')}`,
  );
}

/**
 * Each is one to which the hub sends, and has got the alert since the hub started, and lately (`withinMs`): neither what an EdgeHub of before
 * sent is a proof, nor what an Alertmanager took before it took no more.
 */
export function alertsArrive(alert: string, urls: string[], withinMs: number) {
  return ({ sendsTo, upMs, at, waitedMs, error }: Seen): Evaluation => {
    if (upMs === null) return inconclusive(`the hub did not say to whom it sends: ${error ?? ''}`);
    const one = (url: string): Evaluation => {
      if (!sendsTo.some((sends) => sends.startsWith(`${url}/`)))
        return fail(`EdgeHub does not send there, but to ${sendsTo.join(', ') || 'nobody'}`);
      const seen = at.find((found) => found.url === url);
      if (!seen || seen.error !== undefined) return inconclusive(`it does not say what it has: ${seen?.error ?? ''}`);
      if (seen.receivedMsAgo === null) return fail(`${alert} did not arrive within ${waitedMs} ms`);
      if (seen.receivedMsAgo > upMs)
        return fail(`${alert} arrived from an EdgeHub of before; this one sent none within ${waitedMs} ms`);
      return seen.receivedMsAgo <= withinMs
        ? pass('')
        : fail(`${alert} arrived ${humanDuration(seen.receivedMsAgo)} ago, and no more since`);
    };
    const verdicts = Object.fromEntries(urls.map((url) => [url, one(url)]));
    return every(verdicts, `${alert} arrived at ${urls.join(', ')}`, { waitedMs });
  };
}
