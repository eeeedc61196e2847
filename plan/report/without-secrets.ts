// A report as it leaves: what earlier builds, and people, have put into it may hold secrets.
import { redact } from '../secrets/redact.ts';
import type { Report } from './report.ts';

/** What a level 3 took back is compared with that of other weeks, and stays as it is. */
export function withoutSecrets(report: Report): Report {
  const shown = redact(report, namesIn(report));
  const { newest } = shown.rollback;
  if (newest) newest.tookBack = report.rollback.newest?.tookBack;
  return shown;
}

/** What its texts begin with, such as "webhook_agent: no answer". */
function namesIn({ pilots, requirements, incidents, undone }: Report): Set<string> {
  const targets = [...incidents, ...undone].map(({ target }) => target);
  return new Set(
    [...pilots, ...requirements.map(({ machine }) => machine), ...targets].filter((name) => name !== null),
  );
}
