// A week over pilots that use both hubs already, as another one has left them: the way back is rehearsed with one that this week moves.
import { expect, test } from 'vitest';
import { pilotsOf } from '../../plan/schema/plan.ts';
import * as messages from '../../workflows/orders/messages.ts';
import type { FakeMachines } from './fake-machines.ts';
import { week1Plan } from './harness.ts';
import { until } from './people.ts';
import { useServer } from './server.ts';

const lab = useServer(80_000);

const bounded = { timeout: 100_000 };
const pilots = pilotsOf(week1Plan());
const sha256 = 'b'.repeat(64);

/** These have the wanted configuration: nothing is changed, and their ledgers have nothing of them. */
function have(machines: FakeMachines, names: string[]): void {
  const had = pilots.filter(({ name }) => names.includes(name));
  const is = (path: string) => had.some(({ config }) => config === path);
  machines.override('backupConfig', async ({ config }, usual) => ({
    ...(await usual()),
    ...(is(config) && { sha256 }),
  }));
  machines.override('digestFile', async ({ path }, usual) => ({ ...(await usual()), ...(is(path) && { sha256 }) }));
  machines.override('writeNewConfig', async ({ config }, usual) => ({
    ...(await usual()),
    ...(is(config) && { sha256, changedKeys: [] }),
  }));
  machines.override('previewDeploy', async ({ config }, usual) => ({
    ...(await usual()),
    ...(is(config) && { difference: '', added: 0 }),
  }));
  machines.override('deployAgent', async ({ agent }, usual) => ({
    ...(await usual()),
    ...(names.includes(agent.name) && { sha256, downMs: 0, action: 'already' }),
  }));
}

test.each([
  { who: 'of the first wave', had: [pilots[0]!.name], rolledBack: [pilots[1]!.name] },
  { who: 'of every wave', had: pilots.map(({ name }) => name), rolledBack: [] },
])('pilots $who', bounded, async ({ had, rolledBack }) => {
  await lab.run(
    week1Plan(),
    async ({ handle, machines }) => {
      have(machines, had);
      const seen = await until(
        lab,
        handle,
        ({ running, held }) => held !== undefined || running.some(({ id }) => id === '2D.failover.stop'),
      );
      expect(seen.held).toBeUndefined();
      expect(machines.asked('rollback').map(({ ask }) => ask.scope)).toEqual(rolledBack.map((agent) => ({ agent })));
      const { records } = await handle.query(messages.state);
      expect(records['2D.scripts']!.summary).toContain(`${had[0]} has it already, and is not moved`);
      expect(records['2D.rollback-rehearsal']).toMatchObject({
        verdict: 'pass',
        summary: expect.stringMatching(
          rolledBack.length > 0 ? /^rolled back in / : /^nothing to roll back: 3 pilots had/,
        ),
      });
    },
    { from: '2D.backup' },
  );
});
