// Whether an error of an agent would be seen, shown in its own format.
import { expect, it } from 'vitest';
import { entriesIn } from '../../../plan/logs/entries.ts';
import { statedLevel } from '../../../plan/logs/errors.ts';
import { errorPatternsOf, whyUnseen } from '../../../plan/logs/shown.ts';
import { contractIsKnown } from '../../../plan/tasks/preflight/verdicts/contract.ts';
import { weekPlan } from '../tasks/plan.ts';

const plan = weekPlan();
const [agent] = plan.agents;

it.each([
  ['2026-11-20T10:00:00Z INFO working', '2026-11-20T10:00:00Z ERROR working'],
  ['10:00AM INF working', '10:00AM ERR working'],
  ['time=10:00 level=info msg=working', 'time=10:00 level=error msg=working'],
  ['{"level":30,"msg":"working"}', '{"level":50,"msg":"working"}'],
  ['{"level":"Information","msg":"working"}', '{"level":"Error","msg":"working"}'],
  ['{"log":{"level":"info"},"level":6}', '{"log":{"level":"info"},"level":3}'],
  ['I1120 10:00:00.000000 1 main.go:1] working', 'E1120 10:00:00.000000 1 main.go:1] working'],
  ['Nov 20 10:00:00 pc2 daemon.info agent: working', 'Nov 20 10:00:00 pc2 daemon.error agent: working'],
  ['[I 261120 10:00:00 web:1] working', '[E 261120 10:00:00 web:1] working'],
])('%s is made into an error, and that is seen', (line, error) => {
  expect(statedLevel(line)?.raised()).toBe(error);
  expect(whyUnseen(plan, { ...agent!, errorPatterns: ['never'] }, line)).toBeNull();
});

it('is not shown by a log that states no level, but by an example that the patterns match', () => {
  expect(whyUnseen(plan, agent!, null)).toMatch(
    /^no line of observability_hub's log states a level: give it errorExample/,
  );
  const odd = { ...agent!, errorExample: 'hub kaputt' };
  expect(whyUnseen(plan, odd, null)).toBe(
    'an error of observability_hub would not be seen: give it errorPatterns that match "hub kaputt"',
  );
  expect(whyUnseen(plan, { ...odd, errorPatterns: ['kaputt$'] }, null)).toBeNull();
});

it('is not shown by a line of a library in a log that states none, unless an example does', () => {
  const line = 'I1120 10:00:00.000000 1 lib.go:1] connected';
  const log = [line, ...Array.from({ length: 1_000 }, () => 'hub ok, 12 sent')];
  expect(entriesIn(log)).toEqual({ all: 1_001, stated: 1 });
  expect(whyUnseen(plan, agent!, line, entriesIn(log))).toBe(
    "1 of 1001 entries in observability_hub's log state a level, which says nothing of the others: give it errorExample, an error as it writes one, and errorPatterns that match it",
  );
  const shown = { ...agent!, errorExample: 'hub kaputt', errorPatterns: ['kaputt$'] };
  expect(whyUnseen(plan, shown, line, entriesIn(log))).toBeNull();
  // A worker of before does not count.
  expect(whyUnseen(plan, agent!, line)).toBeNull();
});

it.each([
  ['one line of a log that is nearly empty', 'INFO starting', { all: 1, stated: 1 }],
  ['nothing', '', { all: 0, stated: 0 }],
  ['a line without a level beside one', 'agent 1.2\nINFO starting', { all: 2, stated: 1 }],
  ['a banner', '  .   ____\n =====\n :: Agent ::\n\n2026-11-20 10:00:00 INFO starting', { all: 1, stated: 1 }],
  [
    'a stack',
    '2026-11-20 10:00:00 ERROR gone\njava.io.IOException: gone\n\tat Agent.send(Agent.java:1)\nCaused by: java.net.X: refused\n\t... 3 more',
    { all: 1, stated: 1 },
  ],
  ['a level in a second line', 'Nov 20, 2026 10:00:00 AM com.example.Agent send\nINFO: working', { all: 1, stated: 1 }],
  [
    'Docker around a line',
    '{"log":"INFO one\\n","stream":"stdout"}\n{"log":"  of it\\n","stream":"stdout"}\n{"log":"two\\n","stream":"stdout"}',
    { all: 2, stated: 1 },
  ],
  ['times without a level', '2026-11-20 10:00:00 one\n2026-11-20 10:00:01 two', { all: 2, stated: 0 }],
])('entries are counted: %s', (_, log, entries) => {
  expect(entriesIn(log.split('\n'))).toEqual(entries);
});

it('goes by the patterns of the agent, else by those of all', () => {
  expect(errorPatternsOf(plan, agent!)).toBe(plan.migration.errorPatterns);
  expect(errorPatternsOf(plan, { ...agent!, errorPatterns: ['own'] })).toEqual(['own']);
});

it('is asked of the pilots in preflight', () => {
  const shows = { health: true, log: true, activeHub: true, acks: true, nats: true, check: false, logLine: null };
  const bystander = plan.agents.at(-1)!.name;
  const judged = contractIsKnown(plan);
  expect(judged([{ ...shows, agent: bystander, pilot: false }])).toMatchObject({ verdict: 'pass' });
  expect(judged([{ ...shows, agent: agent!.name, pilot: true }])).toMatchObject({
    verdict: 'fail',
    summary: expect.stringMatching(/no line of observability_hub's log states a level/),
  });
  expect(judged([{ ...shows, agent: agent!.name, pilot: true, logLine: 'INFO working' }])).toMatchObject({
    verdict: 'pass',
    evidence: { errorsSeenOf: [agent!.name] },
  });
});
