// Whether a Prometheus would scrape a page of metrics: it is stricter than whoever reads it.
import type { MetricsPage } from '../../machine-api/prometheus.ts';
import { isOlder } from '../shared/versions.ts';

const taken = ['text/plain', 'application/openmetrics-text', 'application/vnd.google.protobuf'];
/** From this version on it wants to be told what it gets. One that nobody knows may be as new. */
export function isStrict(version: string | undefined): boolean {
  return version === undefined || !isOlder(version, '3.0');
}

export interface Scrapable {
  /** Why no Prometheus scrapes it. */
  not?: string;
  /** Why one of 3.0 or newer does not. */
  strictly?: string;
}

export function scrapable({ url, status, contentType, samples, error }: MetricsPage): Scrapable {
  if (status === null) return { not: error ?? `${url} gives no answer` };
  if (status !== 200) return { not: `${url} answers ${status}; 200 is wanted` };
  if (samples === 0) return { not: `${url} has no sample in Prometheus' text format` };
  const type = contentType?.split(';')[0]!.trim().toLowerCase();
  if (!type)
    return {
      strictly: `${url} has no Content-Type, without which Prometheus 3 takes nothing: text/plain; version=0.0.4`,
    };
  if (!taken.includes(type))
    return {
      strictly: `${url} has the Content-Type ${type}, which Prometheus 3 does not take: text/plain; version=0.0.4`,
    };
  return {};
}
