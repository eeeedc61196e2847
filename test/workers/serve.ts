// A worker without work, for serve.integration.test.ts.
import { untilLost } from '../../workers/lost.ts';
import { serve } from '../../workers/serve.ts';

await serve(
  'PC2',
  'ab'.repeat(32),
  ['hubshift.test'],
  { activities: { nothing: async () => undefined } },
  async ({ ended, renew }) => untilLost(ended).then(renew),
);
