// Pushgateways in the plan.
import { z } from 'zod';
import { container, name, Port } from '../../schema/fields.ts';

/** A Pushgateway: 2B.*. */
export const Pushgateway = z.strictObject({
  kind: z.literal('pushgateway'),
  ...container,
  port: Port,
  scrapedBy: z.array(name).min(1).describe('names of the hubs that scrape it'),
  test: z.strictObject({
    metric: z.string().regex(/^[a-z_][a-z0-9_]*$/i),
    value: z.number(),
    job: name,
    instance: name,
  }),
});

export type Pushgateway = z.infer<typeof Pushgateway>;
