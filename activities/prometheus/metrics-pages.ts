// Pages of metrics, asked for as a Prometheus does.
import pMap from 'p-map';
import type { MetricsPage } from '../../plan/machine-api/prometheus.ts';
import { urlOf } from '../../plan/machine-api/target.ts';
import { cancelled } from '../context/cancellation.ts';
import type { Reach } from '../http/reach.ts';
import { request } from '../http/request.ts';

/** In the order of Prometheus. Of protobuf nothing could be counted here. */
const accept = 'application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.1';
/** A name, labels where it has some, a number. */
const sample = /^(?:[a-zA-Z_:][\w:]*(?:\{.*\})?|\{.*\})\s+[-+]?(?:\d|\.\d|Inf|NaN)/;

const sideBySide = 8;

export async function metricsPages(
  pages: Record<string, string | Reach>,
  withinMs: number,
): Promise<Record<string, MetricsPage>> {
  const found = await pMap(
    Object.entries(pages),
    async ([name, page]) => [name, await metricsPage(page, withinMs)] as const,
    { concurrency: sideBySide },
  );
  return Object.fromEntries(found);
}

async function metricsPage(target: string | Reach, withinMs: number): Promise<MetricsPage> {
  const url = urlOf(target);
  try {
    const { status, headers, text } = await request(target, { headers: { accept }, timeoutMs: withinMs });
    const samples = text.split('\n').filter((line) => sample.test(line)).length;
    return { url, status, contentType: headers.get('content-type'), samples };
  } catch (error) {
    cancelled().throwIfAborted();
    return { url, status: null, contentType: null, samples: 0, error: (error as Error).message };
  }
}
