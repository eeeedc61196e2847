// npm run bench:failover: every pilot fails over ten times for each way in which EdgeHub is lost, in the lab.
import { loadPlan } from '../../client/plan-file.ts';
import { pilotsOf } from '../../plan/schema/plan.ts';
import { rehearse } from '../../plan/schema/rehearse.ts';
import { trialsOf } from '../../plan/tasks/pilots/trials.ts';
import { follow, freshLab, isStatus, labDown, report, startQuickly, weekPlan } from '../lab/week/lab.ts';

const times = Number(process.argv[2] ?? 10);
const minute = 60_000;
/** The budgets: each trial, and the median of each way. */
const eachMs = 5_000;
const medianMs = { stop: 1_000, kill: 1_000, hang: 3_000, blackhole: 3_000 };

const sorted = (values: number[]) => [...values].sort((a, b) => a - b);
const median = (values: number[]) =>
  (sorted(values)[Math.floor((values.length - 1) / 2)]! + sorted(values)[Math.ceil((values.length - 1) / 2)]!) / 2;

await freshLab(weekPlan, { 'rehearsal.trials': { stop: times, kill: times, hang: times, blackhole: times } });
let kept = true;
try {
  const { plan } = loadPlan({});
  const trials = trialsOf(rehearse(plan, 10_000));
  const pilots = pilotsOf(plan).length;
  await startQuickly(['2D.failover.return', '2D.failover.no-loss', ...trials.map(({ id }) => id)]);
  await follow(isStatus('deciding'), trials.length * minute);
  const rows = new Map((await report()).requirements.map((row) => [row.id, row]));
  for (const [way, budgetMs] of Object.entries(medianMs)) {
    const found = trials.filter((trial) => trial.way === way).map(({ id }) => rows.get(id)!);
    const bad = found.filter(({ verdict }) => verdict !== 'pass').map(({ id, summary }) => `${id}: ${summary}`);
    // By pilot, there and back.
    const times = found.flatMap(({ evidence }) =>
      Object.entries(evidence).flatMap(([key, value]) =>
        key.endsWith(' ms') && Array.isArray(value) ? [value as number[]] : [],
      ),
    );
    const [there, back] = [times.map(([ms]) => ms!), times.map(([, ms]) => ms!)];
    const good =
      bad.length === 0 &&
      times.length === pilots * found.length &&
      Math.max(...there, ...back) < eachMs &&
      median(there) < budgetMs;
    kept &&= good;
    console.log(
      `${way.padEnd(9)} ${found.length} trials, ${there.length} failovers: median ${median(there)} ms (budget ${budgetMs}), slowest ${Math.max(...there)} ms (budget ${eachMs}); back: median ${median(back)} ms, slowest ${Math.max(...back)} ms (budget ${eachMs})${good ? '' : ` NOT kept ${bad.join('; ')}`}`,
    );
  }
  const { verdict, summary } = rows.get('2D.failover.no-loss')!;
  kept &&= verdict === 'pass';
  console.log(`loss      in the first stop: ${verdict}, ${summary}`);
} finally {
  await labDown({ report: () => undefined });
}
process.exitCode = kept ? 0 : 1;
