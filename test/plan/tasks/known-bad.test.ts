// Verdicts before they are trusted: each rejects what is known to be bad, and one that does not is named.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { gateRows } from '../../../plan/evidence/gate.ts';
import { kpis } from '../../../plan/evidence/kpis.ts';
import type { Plan } from '../../../plan/schema/plan.ts';
import { rehearse } from '../../../plan/schema/rehearse.ts';
import { evaluateKnownBad, rejectsKnownBad } from '../../../plan/tasks/known-bad.ts';
import { plan } from '../../client/fixtures.ts';

const directory = join(import.meta.dirname, '../../../plan/tasks');
/** Every module of verdicts, found by its name: one that nobody gives samples is found too. */
const modules = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((file) =>
  /^[a-z]+\/verdicts(\/[a-z-]+)?\.ts$|^edgehub\/alertmanagers\.ts$|^shared\/(container|files|health|impact|undone|watched)\.ts$/.test(
    file,
  ),
);
const measuresOnly = ['failoverTimes', 'whoIsUnwell', 'whoIsUp', 'alertingConfig', 'alertmanagerUrls'];

it('every judge and every KPI has a sample, and rejects it', async () => {
  const verdicts = await Promise.all(modules.map((file) => import(join(directory, file)) as Promise<object>));
  const judges = verdicts
    .flatMap((module) => Object.entries(module))
    .flatMap(([name, is]) => (typeof is === 'function' && !measuresOnly.includes(name) ? [name] : []))
    .concat('complete.unexpected', 'heldUp.often', 'impactWithin.slower', 'impactWithin.network');
  for (const one of [plan, rehearse(plan, 1_000)]) {
    const judged = evaluateKnownBad(one);
    const decisive = [...kpis, ...gateRows].map(({ id }) => id).concat('go.confidence', 'nogo.criteria');
    expect(Object.keys(judged).sort()).toEqual([...judges, ...decisive].sort());
    expect(rejectsKnownBad(judged)).toMatchObject({
      verdict: 'pass',
      evidence: { judges: judges.length + decisive.length },
    });
    // What decides must say no, not only that it can't tell; without a baseline the overhead is not known.
    for (const id of decisive)
      if (!['kpi.resource-overhead'].includes(id)) expect(judged[id], id).toMatchObject({ verdict: 'fail' });
  }
});

it('a week that began under an earlier build has the judges that it had', () => {
  const { failedAtMost: _share, baseline: _time, ...watch } = plan.watch;
  const { slower: _limit, ...limits } = plan.limits;
  const [now, then] = [plan, { ...plan, watch, limits } as Plan].map((one) => Object.keys(evaluateKnownBad(one)));
  expect(now!.filter((name) => !then!.includes(name)).sort()).toEqual([
    'heldUp.often',
    'impactWithin.network',
    'impactWithin.slower',
    'redundant',
  ]);
});

it('a judge that passes its sample is named', () => {
  const broken = {
    ...evaluateKnownBad(plan),
    losesNothing: { verdict: 'pass' as const, summary: 'all there', evidence: {} },
  };
  expect(rejectsKnownBad(broken)).toMatchObject({
    verdict: 'fail',
    summary: 'losesNothing passes a sample that is known to be bad: all there',
  });
  expect(rejectsKnownBad({})).toMatchObject({ verdict: 'inconclusive' });
});
