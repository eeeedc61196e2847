// A channel that is out of order for long, with a server of its own: what is tried again for a quarter of an hour disturbs others.
import { expect, test } from 'vitest';
import * as messages from '../../workflows/orders/messages.ts';
import { week1Plan } from './harness.ts';
import { order, soon, speaker, until } from './people.ts';
import { useServer } from './server.ts';

const lab = useServer(80_000);

const bounded = { timeout: 100_000 };
const from = { from: 'week.redundancy' };

test(
  'an emergency is told though its channel is out of order for a quarter of an hour, and its end not before',
  bounded,
  async () => {
    await lab.run(
      week1Plan(),
      async ({ handle, machines }) => {
        await until(lab, handle, ({ status }) => status === 'deciding');
        let tries = 0;
        const begins = await lab.env.currentTimeMs();
        machines.answers.set('ops-alerts', ({ kind, resolved }) => {
          const refused = kind === 'level-1' && !resolved && (tries += 1) < 20;
          if (refused) throw new Error('connection refused');
          return { result: 'sent', detail: 'answered 200' };
        });
        await handle.executeUpdate(messages.emergency, {
          args: [{ ...speaker, level: 1, component: 'nats-pc2', reason: 'it hangs' }],
        });
        // Nothing of the emergency is under way any more: a skip that begins in its middle is lost on the test server.
        await soon(handle, ({ incidents, running }) => incidents.length === 1 && running.length === 0 && tries > 0);
        await lab.skip(5 * 60_000);
        // While nothing happens a week's clock stands.
        await order.pause(handle);
        const late = await soon(handle, ({ untold }) => untold.length > 0);
        expect(late.untold).toMatchObject([
          { channel: 'ops-alerts', kind: 'level-1', detail: 'not taken yet; it is tried again' },
        ]);
        // Most of the time at once: look after look takes as long as the machine is slow.
        await lab.skip(9 * 60_000);
        await until(lab, handle, ({ untold }) => untold.length === 0);
        expect((await lab.env.currentTimeMs()) - begins).toBeGreaterThan(15 * 60_000);
        const { told } = await handle.query(messages.state);
        expect(told.filter(({ kind, channel }) => kind === 'level-1' && channel === 'ops-alerts')).toMatchObject([
          { notice: expect.stringMatching(/begin$/), result: 'sent' },
          { notice: expect.stringMatching(/end$/), result: 'sent' },
        ]);
      },
      from,
    );
  },
);
