// Who runs an agent: how the plan names it there, what it may leave out, and how a machine is asked for it.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { logOf, programOf } from '../../../plan/schema/agent.ts';
import type { Plan } from '../../../plan/schema/plan.ts';
import { readPlan } from '../../../plan/schema/read.ts';
import { program } from '../../../plan/schema/fields.ts';
import { programIn, runnerIn, runnerNames } from '../../../plan/machine-api/runs.ts';
import { editsOn } from '../../../plan/tasks/preflight/edits.ts';
import { footprintOf } from '../../../plan/week/digest.ts';

const text = readFileSync(new URL('../../../plan/starter.yaml', import.meta.url), 'utf8');
const [first] = readPlan(text, 'starter').agents.filter(({ wave }) => wave !== undefined);

/** The starter's first pilot, with these keys beside its name. */
function withKeys(keys: string): Plan {
  return readPlan(text.replace(`name: ${first!.name}\n`, `name: ${first!.name}\n    ${keys}\n`), 'plan');
}

const pilot = (plan: Plan) => plan.agents.find(({ name }) => name === first!.name)!;

it('is supervisord, where a plan does not say it; weeks of earlier builds have no such key', () => {
  expect(first).toMatchObject({ runs: 'supervisor' });
  expect(programOf(first!)).toBe(first!.program);
  expect(programOf({ ...first!, runs: undefined })).toBe(first!.program);
});

it('is Docker: the container is called as the agent is, and Docker keeps its log', () => {
  const agent = pilot(withKeys('runs: docker'));
  expect(agent).toMatchObject({ runs: 'docker', container: agent.name });
  expect([agent.program, agent.log, agent.acks]).toEqual([undefined, undefined, undefined]);
  expect(programOf(agent)).toBe(`docker/${agent.name}`);
  expect(logOf(agent)).toBe(`docker/${agent.name}`);
  expect(logOf(pilot(withKeys('runs: docker\n    log: /var/log/agent.log')))).toBe('/var/log/agent.log');
  expect(programOf(pilot(withKeys('runs: docker\n    container: grove-hub-1')))).toBe('docker/grove-hub-1');
});

it.each([
  ['runs: docker\n    program: hub', /program: nothing \(runs: docker goes by "container"/],
  ['container: hub', /container: nothing \(runs: supervisor goes by "program"/],
  ['runs: systemd', /runs: .*supervisor.*docker/],
  ['runs: docker\n    container: edgehub', /container: a container of an agent: edgehub is a service of the plan/],
  ['runs: docker\n    container: "a b"', /container/],
])('%s is refused', (keys, why) => {
  expect(() => withKeys(keys)).toThrow(why);
});

it('tells its programs apart from those of another, whatever they are called', () => {
  for (const runs of runnerNames)
    for (const name of ['docker', 'edge:hub_agent', 'a.b', 'supervisor'])
      expect(runnerIn(programIn(runs, name))).toEqual({ runs, name });
  expect(program.safeParse('docker/hub').success).toBe(false);
});

it('changes what a level 3 on record is of, and that of other plans is as it was', () => {
  const plan = readPlan(text, 'plan');
  const older = JSON.parse(JSON.stringify(plan), (key, value) => (key === 'runs' ? undefined : value)) as Plan;
  expect(footprintOf(older)).toBe(footprintOf(plan));
  expect(footprintOf(withKeys('runs: docker'))).not.toBe(footprintOf(plan));
});

it('is asked at preflight whether it can move what it runs, where that is not supervisord', () => {
  expect(editsOn(readPlan(text, 'plan'), first!.machine)).not.toHaveProperty('moved');
  expect(editsOn(withKeys('runs: docker'), first!.machine).moved).toEqual([
    { program: `docker/${first!.name}`, config: first!.config, log: `docker/${first!.name}` },
  ]);
});
