// A report as it leaves: no secret in any of its texts, and what is compared with other weeks as it was.
import { expect, it } from 'vitest';
import { reportOf } from '../../../plan/report/report.ts';
import { withoutSecrets } from '../../../plan/report/without-secrets.ts';
import { began } from '../../client/fixtures.ts';
import { good } from '../evidence/good-week.ts';

const secret = 'hunter2';

it('has no secret of what people said, also of the way back, and what a level 3 took back as it was', () => {
  const tookBack = ['PC2: container.remove token: of 2A.deploy.container'];
  const rollback = {
    scope: 'all' as const,
    reason: `ada: the hub takes password=${secret} now`,
    startedAt: began,
    tookBack,
  };
  const state = good({ status: 'rolled back', held: { reason: `passphrase: ${secret}`, since: began }, rollback });
  const report = withoutSecrets(reportOf(state, began));
  expect(JSON.stringify(report)).not.toContain(secret);
  expect(report.rollback.newest?.tookBack).toEqual(tookBack);
});

it('tells what an agent is like whose name is that of a secret', () => {
  const report = reportOf(good(), began);
  const [row] = report.requirements;
  const told = (summary: string, pilots: string[]) =>
    withoutSecrets({ ...report, pilots, requirements: [{ ...row!, summary }] }).requirements[0]?.summary;
  const said = 'vault_token: no answer; agent webhook_agent: not healthy';
  expect(told(said, ['vault_token', 'webhook_agent'])).toBe(said);
  expect(told(said, [])).toMatch(/^vault_token: \[secret#/);
  expect(told(`webhook_agent: token=${secret}`, ['webhook_agent'])).toMatch(/^webhook_agent: token=\[secret#/);
});
