// How often the verdicts are wrong: 200 weeks of each kind of npm run bench:verdicts, some 50 s of one core. All of it is in docs/verdicts.md.
import { expect, it } from 'vitest';
import { type Look, lookedFrom } from '../../plan/evidence/looked.ts';
import { nothingMeasured } from '../../plan/evidence/measured.ts';
import { plan } from '../client/fixtures.ts';
import { draw } from './verdicts/draw.ts';
import { faults } from './verdicts/faults.ts';
import { lookedAllAlong, type Outage, targetsFrom } from './verdicts/measuring.ts';
import { randomOf } from './verdicts/random.ts';
import { lastLine, twice } from './verdicts/table.ts';

const seed = 20261127;
const weeks = 200;

it('are not above the goals beyond doubt', { timeout: 300_000 }, () => {
  const lot = { first: 0, weeks };
  const broken = new Map(
    faults(plan).map((_, fault) => [fault, new Map([[twice, draw(plan, seed, { fault, size: twice, ...lot })]])]),
  );
  const healthy = draw(plan, seed, { fault: null, size: 0, ...lot });
  const { line, met } = lastLine({ healthy, broken }, true);
  console.log(line);
  const wrong = [healthy, ...[...broken.values()].flatMap((bySize) => [...bySize.values()])].flatMap(
    ({ examples }) => examples,
  );
  expect(met, [line, ...wrong].join('\n')).toBe(true);
});

it('tell a fault where there is one, and none where there is none: neither judge nor model says always the same', () => {
  const index = faults(plan).findIndex(({ row }) => row === 'kpi.agent-uptime');
  const said = (size: number) => draw(plan, seed, { fault: index, size, first: 0, weeks: 20 }).any;
  expect(said(2)).toEqual({ weeks: 20, fail: 20, inconclusive: 0 });
  expect(said(0.5)).toEqual({ weeks: 20, fail: 0, inconclusive: 0 });
});

it('are the same for the same seed, whoever else draws', () => {
  const lot = { fault: 0, size: 1, first: 3, weeks: 2 };
  expect(draw(plan, seed, lot)).toEqual(draw(plan, seed, lot));
  const [one, other] = [randomOf(1, 'a week'), randomOf(1, 'a week')];
  expect([one.next(), one.normal()]).toEqual([other.next(), other.normal()]);
  expect(randomOf(2, 'a week').next()).not.toBe(randomOf(1, 'a week').next());
});

it('come of looks that are added up as one by one', () => {
  const every = plan.watch.sampleInterval;
  const machine = plan.machines[0]!.name;
  for (let number = 0; number < 30; number += 1) {
    const random = randomOf(seed, `looks ${number}`);
    const span = { from: 1_000_000, to: 1_000_000 + 300 * every };
    const outages = Array.from({ length: 6 }, (): Outage => {
      const from = random.between(span.from, span.to);
      const what = random.pick<Partial<Outage>>([{ away: true }, { on: machine }, { target: 'edgehub' }, {}]);
      return { from, to: from + random.between(0, 10 * every), ...what };
    });
    const all = lookedAllAlong(plan, machine, span, outages);
    const targets = targetsFrom(plan, machine);
    let each = nothingMeasured();
    let last: { at: number; looks: Look[] } | undefined;
    for (let at = span.from; at < span.to; at += every) {
      const now = outages.filter(({ from, to }) => from <= at && to > at);
      if (now.some(({ away }) => away)) continue;
      if (last) each = lookedFrom(each, last, at, every);
      const isDown = (target: string, on: string[]) =>
        now.some((one) => [undefined, target].includes(one.target) && (one.on === undefined || on.includes(one.on)));
      last = { at, looks: targets.map(({ on, ...look }) => ({ ...look, up: !isDown(look.target, on) })) };
    }
    if (last) each = lookedFrom(each, last, span.to, every);
    expect(all.seen).toEqual(each.seen);
    expect(all.targets).toEqual(each.targets);
    const sorted = (outside = all.outside) =>
      JSON.stringify(outside!.map(({ names, ...one }) => [names.sort(), one]).sort());
    expect(sorted()).toBe(sorted(each.outside));
  }
});
