// A report as it leaves: what earlier builds, and people, have put into it may hold secrets.
import { namesOf } from '../secrets/ours.ts';
import { redact } from '../secrets/redact.ts';
import type { Report } from './report.ts';

/** What a level 3 took back is compared with that of other weeks, and stays as it is. */
export function withoutSecrets(report: Report): Report {
  const shown = redact(report, namesOf(report));
  const { newest } = shown.rollback;
  if (newest) newest.tookBack = report.rollback.newest?.tookBack;
  return shown;
}
