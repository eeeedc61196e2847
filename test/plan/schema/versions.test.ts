import { describe, expect, it } from 'vitest';
import { asVersionOne } from '../../../plan/schema/versions.ts';

const meanings: Parameters<typeof asVersionOne>[1] = [
  { path: ['pace'], value: 'at-once' },
  { path: ['failure', 'atDeadline'], value: 'undo-task' },
];
const read = (input: unknown) => asVersionOne(input, meanings);

describe('a plan of version 1', () => {
  it('means by what it leaves out what it meant', () => {
    expect(read({ version: 1, failure: { onFailure: 'ask' } })).toEqual({
      version: 1,
      pace: 'at-once',
      failure: { onFailure: 'ask', atDeadline: 'undo-task' },
    });
  });

  it('keeps what it says', () => {
    const said = { version: 1, pace: 'by-day', failure: { atDeadline: 'hold' } };
    expect(read(said)).toEqual(said);
  });

  it('gets no map that it left out', () => {
    expect(read({ version: 1 })).toEqual({ version: 1, pace: 'at-once' });
  });
});

it.each([[{ version: 2, failure: {} }], [{ failure: {} }], ['text'], [[1]], [null], [{ version: '1' }]])(
  'anything else stays as it is: %j',
  (input) => {
    expect(read(input)).toEqual(input);
  },
);
