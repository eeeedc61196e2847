// Whom a watched window can't see, since who asks is refused: told once that lasts.
import { expect, it } from 'vitest';
import { observationOf, observingFrom, type Seen, withSample } from '../../../plan/evidence/observing.ts';
import { issueOf, unseenIn } from '../../../plan/evidence/window.ts';

const intervalMs = 1_000;
const refused = { unknown: 'answered 401', refused: true } as const;

/** What a machine tells of samples of two targets. */
function observed(...samples: Omit<Seen, 'name'>[]) {
  const state = samples.reduce(
    (soFar, sample, index) =>
      withSample(soFar, (index + 1) * intervalMs, [{ name: 'hub', ...sample }, { name: 'agent' }], intervalMs),
    observingFrom(0),
  );
  return observationOf(state, (samples.length + 1) * intervalMs, intervalMs);
}

it.each<[string, Omit<Seen, 'name'>[], string | undefined]>([
  ['all along', [refused, refused, refused], 'hub: answered 401'],
  [
    'in the last of a long slice, in more samples than are tolerated',
    [{}, refused, refused, refused],
    'hub: answered 401',
  ],
  ['in no more than are tolerated', [{}, refused, refused], undefined],
  ['no longer', [refused, refused, refused, {}], undefined],
  ['in all of a short slice', [refused], 'hub: answered 401'],
  ['by Docker, which may answer again', [{ unknown: 'no answer' }], undefined],
])('one that refuses who asks %s', (_what, samples, said) => {
  const seen = observed(...samples);
  expect(unseenIn([seen], 2)).toBe(said);
  expect(issueOf([seen], 2)).toBeUndefined();
});

it('of several the first is named, and the others are counted', () => {
  const seen = observed(refused);
  expect(unseenIn([seen, seen], 2)).toBe('hub: answered 401 (and 1 more)');
});
