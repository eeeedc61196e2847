// Pushgateways in the plan.
import { z } from 'zod';
import { access } from '../../schema/access.ts';
import { absolutePath, container, derived, name, Port } from '../../schema/fields.ts';

/** A Pushgateway: 2B.*. */
export const Pushgateway = z.strictObject({
  kind: z.literal('pushgateway'),
  ...container,
  port: derived(Port),
  ...access,
  webConfigFile: absolutePath.optional().describe('its TLS and users, as Prometheus reads them'),
  scrapedBy: derived(z.array(name).min(1)).describe('names of the hubs that scrape it'),
  test: derived(
    z.strictObject({
      metric: derived(z.string().regex(/^[a-z_][a-z0-9_]*$/i)),
      value: derived(z.number()),
      job: derived(name),
      instance: derived(name),
    }),
  ),
});

export type Pushgateway = z.infer<typeof Pushgateway>;
