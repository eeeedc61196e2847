// How a hub scrapes a target, in a job of its configuration.
import { type Access, asPrometheus, type PrometheusAccess } from '../../schema/access.ts';

export interface Scraped extends PrometheusAccess {
  scheme?: 'https';
  metrics_path?: string;
}

/** The files that a job names, as its hub sees them. */
export function filesOfJob({ tls_config, basic_auth, authorization }: Scraped): string[] {
  const named = Object.entries({ ...tls_config, ...basic_auth, ...authorization });
  return named.flatMap(([key, value]) => (key.endsWith('_file') ? [value] : []));
}

/** Empty for what is asked by http, at /, by anybody. */
export function scrapedWith(access: Access): Scraped {
  const { scheme, pathPrefix } = access;
  return {
    ...(scheme === 'https' && { scheme }),
    ...(pathPrefix && { metrics_path: `${pathPrefix}/metrics` }),
    ...asPrometheus(access),
  };
}
