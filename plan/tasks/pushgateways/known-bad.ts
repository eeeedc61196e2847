// Samples that the verdicts of task 2B must not pass.
import * as verdicts from './verdicts.ts';
import type { Rejections } from '../shared/rejections.ts';
import { refused } from '../shared/samples.ts';

export function knownBad(): Rejections<typeof verdicts> {
  return {
    reloaded: verdicts.reloaded([
      {
        hub: 'hub',
        jobs: ['job'],
        restartPolicy: 'always',
        restart: 'always',
        reload: { how: 'http', successful: true, jobs: [], waitedMs: 0 },
      },
    ]),
    jobsAreUp: verdicts.jobsAreUp([{ hub: 'hub', jobs: ['job'], targets: [refused] }]),
    pushed: verdicts.pushed(1)({ probe: { ok: true, status: 200 }, read: { value: 2 } }),
    visible: verdicts.visible([{ hub: 'hub', metric: 'metric', value: 1, series: [] }]),
    survived: verdicts.survived([{ gateway: 'gateway', value: 1, after: null, restarted: true }]),
    jobsGone: verdicts.jobsGone(['job'])([
      {
        hub: 'hub',
        status: {
          version: '',
          retention: '',
          jobs: ['job'],
          outOfOrderWindow: null,
          scrapeInterval: '',
          reloadSuccessful: true,
          oldestSampleMs: null,
        },
      },
    ]),
    scrapesAgents: verdicts.scrapesAgents([refused.instance])([{ hub: 'hub', targets: [refused] }]),
  };
}
