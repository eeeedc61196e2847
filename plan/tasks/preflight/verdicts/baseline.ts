// Whether everything answered while the baseline was measured.
import type { Impact } from '../../../machine-api/measure.ts';
import type { Evaluation } from '../../../week/record.ts';
import { inconclusive, unless } from '../../shared/verdict.ts';

/** A baseline is one when everything answered. `failedAtMost`: of the requests, in percent. */
export function baselineIsWhole(found: Record<string, Impact>, failedAtMost = 0): Evaluation {
  const responses = Object.entries(found).flatMap(([machine, impact]) =>
    Object.entries(impact.responseMs).map(([name, response]) => ({ machine, name, ...response })),
  );
  const machines = Object.values(found);
  if (
    machines.length === 0 ||
    machines.some((impact) => Object.keys(impact.responseMs).length === 0) ||
    responses.some((response) => response.samples === 0)
  )
    return inconclusive('something gave no response times');
  const failing = responses.filter(({ failed, samples }) => failed > (failedAtMost / 100) * samples);
  return unless(
    failing.map(
      (response) =>
        `${response.name} from ${response.machine}: ${response.failed} of ${response.samples} requests failed`,
    ),
    `${responses.length} response times and ${machines.length} machines measured`,
    Object.fromEntries(
      Object.entries(found).map(([machine, impact]) => [
        `${machine} cpu %`,
        Number(impact.machine.cpuPercent.toFixed(1)),
      ]),
    ),
  );
}
