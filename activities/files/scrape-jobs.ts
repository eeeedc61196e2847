// Whose a scrape job in a hub's file is: jobs of our name that this run did not write are not ours to replace, or to take out.
import { refusal } from '../context/refusal.ts';
import { jobsOfOthers, type Edited } from '../../plan/yaml/scrape-jobs.ts';
import type { Host } from '../context/host.ts';
import { editOf } from '../ledger/backups.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { makerOf } from '../ledger/maker.ts';

/** Throws ForeignScrapeJob, saying whose it is, where known, and how to mend it. `names` are those that nobody adopts. */
export async function refuseJobs(
  host: Host,
  ledger: Ledger,
  run: string,
  { path, current, names }: { path: string; current: Buffer | null; names: string[] },
): Promise<void> {
  if (!current) return;
  const [name] = jobsOfOthers(current.toString(), names, await editsOf(host, ledger, run, path));
  if (name === undefined) return;
  throw refusal(
    'ForeignScrapeJob',
    `${path} on ${host.machine} already has a scrape job ${name} that is not this run's: it was ${await makerOf(ledger, await writerOf(host, ledger, run, { path, current, name }))}. ` +
      `Take it over ("adopt: [${name}]" in the plan; a rollback puts it back), rename it or take it out`,
  );
}

/** The run that put the job there as it is; undefined where no ledger knows one. */
async function writerOf(
  host: Host,
  ledger: Ledger,
  except: string,
  { path, current, name }: { path: string; current: Buffer; name: string },
): Promise<string | undefined> {
  for (const { run } of (await ledger.runs()).reverse()) {
    if (run === except) continue;
    const edits = await editsOf(host, ledger, run, path);
    if (edits.length > 0 && jobsOfOthers(current.toString(), [name], edits).length === 0) return run;
  }
  return undefined;
}

async function editsOf(host: Host, ledger: Ledger, run: string, path: string): Promise<Edited[]> {
  const entries = (await ledger.entries(run)).filter(({ undo }) => undo.kind === 'file.restore' && undo.path === path);
  return (await Promise.all(entries.map((entry) => editOf(host, entry)))).filter((edit) => edit !== null);
}
