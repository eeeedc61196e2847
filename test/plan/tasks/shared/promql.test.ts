// PromQL for metrics and labels of any name and value.
import { expect, it } from 'vitest';
import { itsOwn, labelName, selector } from '../../../../plan/tasks/shared/promql.ts';

it.each([
  ['up', { job: 'agents', hub: 'edgehub' }, {}, 'up{job="agents",hub="edgehub"}'],
  ['up', {}, {}, 'up{}'],
  ['', { instance: 'PC2:1' }, { hub: 'edgehub' }, '{instance="PC2:1",hub!="edgehub"}'],
  ['agent.batch-seq', { agent: 'a' }, {}, '{"agent.batch-seq",agent="a"}'],
  ['up', { 'my-label': 'x', größe: '' }, {}, 'up{"my-label"="x","größe"=""}'],
  ['up', { 'a"b\\': 'x' }, {}, String.raw`up{"a\"b\\"="x"}`],
  [
    'up',
    { site: 'the "north"\\hall\n2', '0x': '{a="b"}' },
    {},
    String.raw`up{site="the \"north\"\\hall\n2","0x"="{a=\"b\"}"}`,
  ],
])('of %j with %j and not %j is %s', (metric, is, not, want) => expect(selector(metric, is, not)).toBe(want));

it('a label to group by is quoted where it must be', () =>
  expect(['hub', 'my-label', '_x1', '1x'].map(labelName)).toEqual(['hub', '"my-label"', '_x1', '"1x"']));

it('what was passed on is known by all of its labels together, whatever they are called', () => {
  expect(itsOwn('up', { job: 'j' }, { 'my-label': 'x', site: 's' })).toEqual([
    'up{job="j","my-label"!="x"}',
    'up{job="j",site!="s"}',
  ]);
  expect(itsOwn('up', { job: 'j' }, {})).toEqual(['up{job="j"}']);
});
