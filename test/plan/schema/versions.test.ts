import { describe, expect, it } from 'vitest';
import { readFileSync } from 'node:fs';
import { readPlan } from '../../../plan/schema/read.ts';
import { asVersionOne } from '../../../plan/schema/versions.ts';

const meanings: Parameters<typeof asVersionOne>[1] = [
  { path: ['pace'], value: 'at-once' },
  { path: ['failure', 'atDeadline'], value: 'undo-task' },
];
const packaged = readFileSync(new URL('../../../plan/week1.yaml', import.meta.url), 'utf8');
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

describe('what such a plan writes into its pilots', () => {
  const told = (migration: string) => {
    const text = packaged.replace('version: 2', 'version: 1').replace(/^migration:\n(?: .*\n)+/m, migration);
    return readPlan(text, 'plan.yaml').migration.failover;
  };

  it.each(['', 'migration: {}\n', 'migration: { failover: { maxRetries: 4 } }\n'])(
    'is how they probe: %j',
    (failover) => {
      expect(told(failover)).toMatchObject({ probeInterval: 1000, probeTimeout: 1000, batchTimeout: 1000 });
    },
  );

  it('is what it says', () => {
    expect(told('migration: { failover: { probeInterval: 500ms } }\n')).toMatchObject({
      probeInterval: 500,
      batchTimeout: 1000,
    });
  });
});

it.each([[{ version: 2, failure: {} }], [{ failure: {} }], ['text'], [[1]], [null], [{ version: '1' }]])(
  'anything else stays as it is: %j',
  (input) => {
    expect(read(input)).toEqual(input);
  },
);
