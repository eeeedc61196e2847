import { expect, it } from 'vitest';
import { paste, shellWord } from '../../../plan/week/paste.ts';
import { redact } from '../../../plan/secrets/redact.ts';

it.each([
  ['2A.check.restart', '2A.check.restart'],
  ['/etc/hubshift/plan.yaml', '/etc/hubshift/plan.yaml'],
  ['', "''"],
  ['my plan.yaml', "'my plan.yaml'"],
  ['it\'s; rm -rf $HOME `x` "y"', `'it'\\''s; rm -rf $HOME \`x\` "y"'`],
  ['ROW*', "'ROW*'"],
  ['~/plan.yaml', "'~/plan.yaml'"],
])('the word %j is %s in a shell', (word, want) => {
  expect(shellWord(word)).toBe(want);
});

const run = '20260723-100000-abcd';

it('a command says plan, run and Temporal where that is not the usual one', () => {
  expect(paste({ run, reach: { plan: '/etc/hubshift/plan.yaml' } }, ['retry', '2A.check.restart'])).toBe(
    `hubshift retry 2A.check.restart --plan /etc/hubshift/plan.yaml --run ${run}`,
  );
  const reach = { plan: '/home/ada/my plan.yaml', address: '[fd00::7]:7233', namespace: 'prod' };
  expect(paste({ run, reach }, ['accept', '2A.x', '--reason', 'TEXT'])).toBe(
    `TEMPORAL_ADDRESS='[fd00::7]:7233' TEMPORAL_NAMESPACE=prod hubshift accept 2A.x --reason TEXT --plan '/home/ada/my plan.yaml' --run ${run}`,
  );
});

it('a week that began under an earlier build says its run', () => {
  expect(paste({ run }, ['ack', 'held-1'])).toBe(`hubshift ack held-1 --run ${run}`);
});

it('nothing of it is taken for a secret', () => {
  const reach = { plan: '/etc/hubshift/plan.yaml', address: 'temporal.example.org:7233', namespace: 'prod' };
  const command = paste({ run, reach }, ['resume']);
  expect(redact(command, new Set())).toBe(command);
});
