// A worker without work, for serve.integration.test.ts.
import { untilLost } from '../../workers/lost.ts';
import { serve } from '../../workers/serve.ts';

await serve(
  'PC2',
  ['hubshift.test'],
  { activities: { nothing: async () => undefined } },
  async (_client, ended, _metrics, renew) => untilLost(ended).then(renew),
);
