// npm run bench:verdicts: how often the verdicts are wrong, in weeks drawn from models, by the very functions that judge a real one.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import pMap from 'p-map';
import { plan } from '../client/fixtures.ts';
import { type Drawn, type Lot, together } from './verdicts/draw.ts';
import { faults } from './verdicts/faults.ts';
import { lastLine, type Result, table, twice } from './verdicts/table.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '20261127' },
    weeks: { type: 'string', default: '10000' },
    elsewhere: { type: 'string', default: '500' },
    only: { type: 'string', default: '' },
  },
});
const [seed, weeks, elsewhere] = [values.seed, values.weeks, values.elsewhere].map(Number) as [number, number, number];
const otherSizes = [5, 1.5, 1.2, 1.05];
const inALot = 250;

function lotsOf(fault: number | null, size: number, count: number): Lot[] {
  return Array.from({ length: Math.ceil(count / inALot) }, (_, index) => ({
    fault,
    size,
    first: index * inALot,
    weeks: Math.min(inALot, count - index * inALot),
  }));
}

const wanted = faults(plan).flatMap(({ row, what }, index) => (`${row} ${what}`.includes(values.only) ? [index] : []));
const lots = [
  ...('healthy'.includes(values.only) ? lotsOf(null, 0, weeks) : []),
  ...wanted.flatMap((fault) => [
    ...lotsOf(fault, twice, weeks),
    ...otherSizes.flatMap((size) => lotsOf(fault, size, elsewhere)),
  ]),
];

/** Processes that draw one lot after the other. */
const workers = Array.from({ length: Math.min(availableParallelism(), lots.length) }, () =>
  fork(new URL('verdicts/worker.ts', import.meta.url), { execArgv: ['--import', 'tsx'] }),
);
const idle = [...workers];

async function drawnBy(worker: ChildProcess, lot: Lot): Promise<Drawn> {
  const ended = new AbortController();
  const exit = once(worker, 'exit', { signal: ended.signal }).then(([code]) => {
    throw new Error(`a process that drew weeks ended with ${code}`);
  });
  exit.catch(() => undefined);
  worker.send({ seed, lot });
  const [drawn] = (await Promise.race([once(worker, 'message'), exit])) as [Drawn];
  ended.abort();
  return drawn;
}

console.log(`seed ${seed}, ${weeks} weeks that go well and of each fault at twice the limit, ${elsewhere} elsewhere`);
const began = performance.now();
const none: Drawn = { rows: {}, any: { weeks: 0, fail: 0, inconclusive: 0 }, examples: [] };
const result: Result = { healthy: none, broken: new Map(wanted.map((fault) => [fault, new Map()])) };
await pMap(
  lots,
  async (lot) => {
    const worker = idle.pop()!;
    const drawn = await drawnBy(worker, lot);
    idle.push(worker);
    const { fault, size } = lot;
    // Each can be drawn again: by its seed and its number.
    if (fault === null || size === twice) for (const example of drawn.examples) console.log(example);
    if (fault === null) result.healthy = together(result.healthy, drawn);
    else result.broken.get(fault)!.set(size, together(result.broken.get(fault)!.get(size), drawn));
  },
  { concurrency: workers.length },
);
for (const worker of workers) worker.disconnect();

console.log(`drawn in ${Math.round((performance.now() - began) / 1_000)} s\n`);
console.log(table(plan, result));
const { line, met } = lastLine(result);
console.log(`\n${line}`);
process.exitCode = met ? 0 : 1;
