// Where pilots are told the hub's URL: in their own files, or in the environment that supervisord gives them.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { Plan } from '../../../../plan/schema/plan.ts';
import { readWhole } from '../../../../plan/schema/read.ts';
import { SoundPlan } from '../../../../plan/schema/references.ts';
import { dualHubSettings, environmentOf } from '../../../../plan/tasks/pilots/config.ts';
import { validateDualHub } from '../../../../plan/tasks/pilots/dual-hub.ts';
import { templateIs } from '../../../../plan/tasks/pilots/verdicts/preparation.ts';
import { editsOn } from '../../../../plan/tasks/preflight/edits.ts';
import { applyEdit } from '../../../../plan/yaml/edit.ts';

const starter = readFileSync(new URL('../../../../plan/starter.yaml', import.meta.url), 'utf8');
const via = '\nmigration: { env: { via: supervisor } }\n';

function plan(text = starter + via): Plan {
  return readWhole(text, 'plan', SoundPlan).plan;
}

it('is their own file, where a plan does not say it', () => {
  const usual = plan(starter);
  expect(dualHubSettings(usual, usual.agents[0]!).environment).toEqual({ OBS_HUB_URL: 'http://PC2:9100' });
  expect(environmentOf(usual)).toEqual({});
  expect(editsOn(usual, 'PC2')).not.toHaveProperty('environments');
});

it('is supervisord: their files get no such block, which the template and the validator do not want either', () => {
  const told = plan();
  const [pilot] = told.agents;
  const settings = dualHubSettings(told, pilot!);
  expect(settings).not.toHaveProperty('environment');
  const env = { name: 'OBS_HUB_URL', value: 'http://PC2:9100' };
  expect(environmentOf(told)).toEqual({ env });
  expect(editsOn(told, 'PC2').environments).toContainEqual({ program: pilot!.program, env });
  const text = applyEdit('# an agent\n', { kind: 'dual-hub', settings });
  expect(templateIs(told)([{ agent: pilot!.name, machine: 'PC2', text }]).verdict).toBe('pass');
  expect(validateDualHub(text, [], false)).toMatchObject({ ok: true });
  expect(validateDualHub(text)).toMatchObject({ ok: false, message: expect.stringContaining('environment') });
  expect(validateDualHub(`${text}environment: 5\n`, [], false)).toMatchObject({ ok: false });
});

it.each([
  ['a container', 'runs: docker', /migration\.env\.via: yaml, since observability_hub .*docker\/observability_hub/],
  ['of a group', 'program: edge:hub', /migration\.env\.via: yaml, since observability_hub .*edge:hub/],
])('is refused where a pilot is %s', (_, keys, why) => {
  expect(() =>
    plan(starter.replace('name: observability_hub\n', `name: observability_hub\n    ${keys}\n`) + via),
  ).toThrow(why);
});
