// Other machines in a plan: what names them follows, all else stays byte for byte.
import { describe, expect, it } from 'vitest';
import { readPlan } from '../../../plan/schema/read.ts';
import { withMachines } from '../../../plan/schema/with-machines.ts';
import { planText } from '../../client/fixtures.ts';

const changedLines = (text: string) => {
  const before = planText.split('\n');
  return text.split('\n').filter((line, index) => line !== before[index]);
};

describe('withMachines', () => {
  it('changes two lines when only the addresses are other ones', () => {
    const text = withMachines(
      planText,
      [
        { name: 'PC2', address: '192.168.7.2' },
        { name: 'mainpc', address: '192.168.7.1' },
      ].map((machine) => (machine.name === 'mainpc' ? { ...machine, name: 'MainPC' } : machine)),
    );
    expect(changedLines(text)).toEqual(['    address: 192.168.7.1', '    address: 192.168.7.2']);
  });

  it('gives unknown names the places that are left, in order', () => {
    const { machines } = readPlan(
      withMachines(planText, [
        { name: 'hub', address: '10.0.0.9' },
        { name: 'MainPC', address: '10.0.0.1' },
      ]),
      'x',
    );
    expect(machines.map(({ name, address }) => [name, address])).toEqual([
      ['MainPC', '10.0.0.1'],
      ['hub', '10.0.0.9'],
    ]);
  });

  it('renames a machine wherever it is meant, and leaves comments and layout alone', () => {
    const text = withMachines(planText, [
      { name: 'north', address: '10.0.0.1' },
      { name: 'south', address: '10.0.0.2' },
    ]);
    const plan = readPlan(text, 'x');
    expect(new Set([...plan.services, ...plan.agents].map((item) => item.machine))).toEqual(
      new Set(['north', 'south']),
    );
    expect(plan.messaging.streams[0]?.publishes).toEqual([
      'observability.metrics.north',
      'observability.metrics.south',
    ]);
    expect(text.split('\n').length).toBe(planText.split('\n').length);
    expect(changedLines(text).every((line) => /name:|address:|machine:|publishes:/.test(line))).toBe(true);
  });

  it('quotes a name that YAML would take for something else', () => {
    const plan = readPlan(
      withMachines(planText, [
        { name: '1234', address: '10.0.0.1' },
        { name: 'true', address: '10.0.0.2' },
      ]),
      'x',
    );
    expect(plan.machines.map(({ name }) => name)).toEqual(['1234', 'true']);
  });

  it('refuses too few, too many and the same one twice', () => {
    const one = { name: 'PC2', address: '10.0.0.1' };
    expect(() => withMachines(planText, [one])).toThrow(/2 machines \(MainPC, PC2\); 1 was given/);
    expect(() => withMachines(planText, [one, { name: 'pc2', address: '10.0.0.2' }])).toThrow(/given twice/);
  });
});
