// Which row of the preflight says on day 0 what a step would refuse later, or why none can.
import type { RefusalCode } from '../../machine-api/refusals.ts';

export type PreflightRow = 'preflight.machines' | 'preflight.rollback-ready' | 'preflight.rights' | 'preflight.images';

/** What can't be foreseen, since it comes about during the week: it is refused by name before anything is stopped. */
interface Never {
  never: string;
}

export const foreseen = {
  AddressMissing: 'preflight.rights',
  BackupDiffers: { never: 'both copies are of this run, which has made none yet' },
  BadAsk: { never: 'no plan leads to it: it guards the activity against its caller' },
  CheckRefuses: 'preflight.rights',
  ConfigChanged: { never: 'somebody edits the file after the new one was made of it' },
  ConfigInvalid: 'preflight.rights',
  EnvironmentUneditable: 'preflight.rights',
  FileMissing: 'preflight.rights',
  FileUneditable: 'preflight.rights',
  FileUnwritable: 'preflight.rights',
  ForeignConsumer: 'preflight.rights',
  ForeignContainer: 'preflight.rights',
  ForeignDirectory: 'preflight.rights',
  ForeignMachine: 'preflight.machines',
  ForeignPort: 'preflight.rights',
  ForeignScrapeJob: 'preflight.rights',
  ForeignStream: 'preflight.rights',
  ImageMissing: 'preflight.images',
  LedgerClosed: { never: 'the run is rolled back meanwhile' },
  LedgerKept: { never: 'the run is kept meanwhile, by its GO' },
  LedgerNewer: 'preflight.rights',
  LedgerOpen: 'preflight.rights',
  NotRead: { never: 'a stream that the week makes gives no reader, or not all of it, in the time of its row' },
  OutOfHours: { never: 'the window of the calendar ends before the machine is at it: it is done in the next one' },
  ProgramStopped: 'preflight.rights',
  ProgramUnfit: 'preflight.rights',
  ProgramUnknown: 'preflight.rights',
  ReportNewer: 'preflight.rollback-ready',
} as const satisfies Record<RefusalCode, PreflightRow | Never>;
