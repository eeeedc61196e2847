// npm run bench:failover: every pilot fails over ten times for each way in which EdgeHub is lost, in the lab.
import { loadPlan } from '../../client/plan-file.ts';
import { rehearse } from '../../plan/rehearse.ts';
import { trialsOf } from '../../plan/steps.ts';
import { follow, freshLab, isStatus, labDown, report, startQuickly, weekPlan } from '../lab/week/lab.ts';

const times = Number(process.argv[2] ?? 10);
const minute = 60_000;
/** The budgets: each trial, and the median of each way. */
const eachMs = 5_000;
const medianMs = { stop: 1_000, kill: 1_000, hang: 3_000, blackhole: 3_000 };

const median = (values: number[]) => [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)]!;

await freshLab(weekPlan, { 'rehearsal.trials': { stop: times, kill: times, hang: times, blackhole: times } });
let kept = true;
try {
  const trials = trialsOf(rehearse(loadPlan({}).plan, 10_000));
  await startQuickly('2D.failover.return', '2D.failover.no-loss', ...trials.map(({ id }) => id));
  await follow(isStatus('deciding'), trials.length * minute);
  const rows = new Map((await report()).requirements.map((row) => [row.id, row]));
  for (const [way, budgetMs] of Object.entries(medianMs)) {
    const found = trials.filter((trial) => trial.way === way).map(({ id }) => rows.get(id)!);
    const lost = found.filter(({ verdict }) => verdict !== 'pass').map(({ id, summary }) => `${id}: ${summary}`);
    const ms = found.flatMap(({ evidence }) => Object.entries(evidence).flatMap(([key, value]) => (key.endsWith(' ms') && typeof value === 'number' ? [value] : [])));
    const good = lost.length === 0 && ms.length >= found.length && Math.max(...ms) < eachMs && median(ms) < budgetMs;
    kept &&= good;
    console.log(`${way.padEnd(9)} ${found.length} trials, ${ms.length} failovers: median ${median(ms)} ms (budget ${budgetMs}), slowest ${Math.max(...ms)} ms (budget ${eachMs})${good ? '' : ` NOT kept ${lost.join('; ')}`}`);
  }
} finally {
  await labDown({ report: () => undefined });
}
process.exitCode = kept ? 0 : 1;
