// A worker without work, for serve.integration.test.ts.
import { serve } from '../../workers/serve.ts';

await serve('PC2', ['hubshift.test'], { activities: { nothing: async () => undefined } });
