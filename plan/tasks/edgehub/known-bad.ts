// Samples that the verdicts of task 2A must not pass.
import * as alertmanagers from './alertmanagers.ts';
import * as verdicts from './verdicts.ts';
import type { Rejections } from '../shared/rejections.ts';
import { emptyStatus, noDirectory, refused } from '../shared/samples.ts';

export function knownBad(): Rejections<typeof verdicts & Pick<typeof alertmanagers, 'alertsArrive'>> {
  const [second, running] = [1_000, { externalLabels: {}, ruleFiles: [], remoteWrites: [], targets: {} }];
  return {
    globalRuns: verdicts.globalRuns({ scrapeInterval: second, externalLabels: { hub: 'hub' }, rulesFile: 'rules' })({
      ...emptyStatus,
      scrapeInterval: '1s',
      running,
    }),
    remoteWriteRuns: verdicts.remoteWriteRuns('http://hub:1', {
      minBackoff: second,
      maxBackoff: second,
      batchSendDeadline: second,
      timeout: second,
      capacity: 1,
      maxShards: 1,
    })({ ...emptyStatus, running }),
    jobsRun: verdicts.jobsRun('hub', ['agent:1'])({ ...emptyStatus, running: { ...running, targets: { hub: [] } } }),
    retentionIs: verdicts.retentionIs(300_000, '5m')(emptyStatus),
    configLoaded: verdicts.configLoaded(['job'])({
      status: emptyStatus,
      log: { lines: 1, matches: 1, first: ['error'] },
    }),
    scraping: verdicts.scraping(
      ['job'],
      1_000,
    )({ targets: { targets: [refused], waitedMs: 0 }, stored: { series: [], waitedMs: 0 } }),
    remoteWriteWorks: verdicts.remoteWriteWorks(1_000)({
      found: { series: [], waitedMs: 0 },
      before: [],
      after: [],
      at: 0,
    }),
    alertFires: verdicts.alertFires('Watchdog')({ rules: ['Watchdog'], firing: [], waitedMs: 0 }),
    // It has it from an EdgeHub of before.
    alertsArrive: alertmanagers.alertsArrive(
      'Watchdog',
      ['http://one:9093'],
      5_000,
    )({
      sendsTo: ['http://one:9093/api/v2/alerts'],
      upMs: 1_000,
      at: [{ url: 'http://one:9093', receivedMsAgo: 2_000 }],
      waitedMs: 0,
    }),
    // One of ten samples is gone.
    keptItsSamples: verdicts.keptItsSamples({
      before: { sequences: [[1, 10]], samples: 10 },
      after: {
        sequences: [
          [1, 4],
          [6, 10],
        ],
        samples: 9,
      },
      startedBefore: 'one',
      startedAfter: 'other',
      ready: { ok: true, waitedMs: 0 },
    }),
    storageIsSound: verdicts.storageIsSound('1:1', 1)(noDirectory),
  };
}
