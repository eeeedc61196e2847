// What is on the machines already, made by others: refused before anything is made, or taken over with leave of the plan and given back.
import { expect, test } from 'vitest';
import type { Makes } from '../../plan/machine-api/host.ts';
import { week1Plan } from './harness.ts';
import { order, soon, until } from './people.ts';
import { useServer } from './server.ts';

const lab = useServer(80_000);

const bounded = { timeout: 100_000 };
/** Verbs that change a machine take the change along. */
const changes = (calls: { verb: string; ask: any }[]) => calls.filter(({ ask }) => ask?.change !== undefined);

test('is named by the preflight, which holds the week before anything is made', bounded, async () => {
  await lab.run(week1Plan(), async ({ handle, machines, state }) => {
    const detail = 'PC2 already has a container edgehub that is not ours: it was made by run week-0';
    machines.override('checkRights', async (ask: { makes?: Makes }, usual) =>
      ask.makes?.containers.includes('edgehub') ? [{ what: 'container edgehub', ok: false, detail }] : usual(),
    );
    const { held } = await until(lab, handle, ({ status }) => status === 'failed');
    expect(held?.reason).toContain('preflight.rights');
    expect(changes(machines.calls)).toEqual([]);
    const asked = machines
      .asked('checkRights')
      .flatMap(({ machine, ask }) => (ask.makes ? [{ machine, ...ask.makes }] : []));
    expect(asked).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          machine: 'MainPC',
          run: state.run,
          containers: ['pushgateway-main', 'nats-main'],
          directories: expect.arrayContaining(['/mainpc/pushgateway/data', '/mainpc/nats/data']),
          jobs: [{ path: '/mainpc/centralhub/config/prometheus.yml', names: ['pushgateway-main', 'pushgateway-pc2'] }],
          ports: expect.arrayContaining([{ port: 9091, container: 'pushgateway-main' }]),
          owners: expect.arrayContaining([expect.objectContaining({ path: '/mainpc/nats/data' })]),
          adopted: { containers: [], streams: [] },
          streams: ['metrics', 'health', 'alerts'].map((of) => ({
            server: 'nats://MainPC:4222',
            name: `observability-${of}`,
          })),
        }),
        expect.objectContaining({ machine: 'PC2', containers: ['edgehub', 'pushgateway-pc2', 'nats-pc2'], jobs: [] }),
      ]),
    );
    await order.rollback(handle, 'not now');
    await handle.result();
  });
});

test('is taken over where the plan adopts it, and a rollback that gives it back ends the week', bounded, async () => {
  const adopt = ['pushgateway-pc2', 'nats-pc2', 'observability-alerts'];
  const plan = week1Plan((one) => void (one.adopt = adopt));
  await lab.run(
    plan,
    async ({ handle, machines }) => {
      await until(lab, handle, ({ running }) => running.some(({ id }) => id.startsWith('2C.resilience')));
      const leave = (verb: 'deployContainer' | 'ensureDirectories' | 'ensureStream') =>
        machines.asked(verb).map(({ ask }) => [ask.spec?.name ?? ask.base ?? ask.stream.name, ask.adopt]);
      expect(leave('deployContainer')).toEqual(
        expect.arrayContaining([
          ['pushgateway-main', false],
          ['pushgateway-pc2', true],
          ['nats-main', false],
          ['nats-pc2', true],
        ]),
      );
      expect(leave('ensureDirectories')).toEqual(
        expect.arrayContaining([
          ['/pc2/pushgateway', true],
          ['/mainpc/pushgateway', false],
        ]),
      );
      expect(leave('ensureStream')).toEqual(
        expect.arrayContaining([
          ['observability-alerts', true],
          ['observability-metrics', false],
        ]),
      );
      // What its directory had before is not gone with it.
      expect(machines.asked('ensureStream')[0]?.ask.goneWith).toEqual(['nats-main']);
      for (const { ask } of machines.asked('ensureConsumer'))
        expect(ask).toMatchObject({ change: { step: '2C.consumers' }, containers: ['nats-main', 'nats-pc2'] });
      expect(machines.asked('editFile').map(({ ask }) => ask.adopt)).toEqual([
        ['pushgateway-pc2'],
        ['pushgateway-pc2'],
      ]);

      // They run again under their names, made by nobody of hubshift; their job and their stream are there.
      machines.override('inspectContainer', async ({ name }, usual) => ({
        ...(await usual()),
        ...(adopt.includes(name) ? { exists: true, running: true, ours: false, run: null } : {}),
      }));
      machines.override('hubStatus', async (_ask, usual) => {
        const status = await usual();
        return { ...status, jobs: ['agents', 'pushgateway-pc2'] };
      });
      const durable = 'observability-alerts-monitor';
      let consumers = [durable, 'of-others'];
      machines.override('streamState', async ({ stream }, usual) => ({
        ...(await usual()),
        leader: stream === 'observability-alerts' ? 'nats-pc2' : null,
        consumers,
      }));
      const made = { entry: 9, step: '2C.consumers', kind: 'consumer.delete', result: 'undone', ms: 1 };
      machines.override('rollback', async (_ask, usual, machine) => [
        ...(await usual()),
        ...(machine === 'MainPC' ? [{ ...made, target: `${durable} of observability-alerts` }] : []),
      ]);
      await order.rollback(handle, 'enough');
      const held = await soon(handle, ({ status: is }) => is === 'paused');
      expect(held.issues.filter(({ verdict }) => verdict === 'fail')).toMatchObject([
        { id: '2C.streams.undo', summary: `the consumer ${durable} is still in observability-alerts` },
      ]);
      consumers = ['of-others'];
      await order.rollback(handle, 'enough');
      const { status, records } = await handle.result();
      const rows = Object.values(records).filter(({ id }) => /undo/.test(id));
      expect(rows.filter(({ verdict }) => verdict !== 'pass').map(({ id, summary }) => `${id}: ${summary}`)).toEqual(
        [],
      );
      expect(status).toBe('rolled back');
    },
    { from: '2B.prepare.docker' },
  );
});

test('a hub that keeps what others made of its file since is as it should be after a rollback', bounded, async () => {
  await lab.run(
    week1Plan(),
    async ({ handle, machines }) => {
      await soon(handle, ({ running }) => running.some(({ id }) => id.startsWith('2B.test')));
      const path = '/mainpc/centralhub/config/prometheus.yml';
      const merged = {
        entry: 2,
        step: '2B.scrape.central',
        kind: 'file.restore',
        target: path,
        result: 'undone',
        ms: 5,
      };
      machines.override('rollback', async (_ask, usual, machine) => {
        const entries = await usual();
        return machine === 'MainPC'
          ? [
              ...entries,
              { ...merged, detail: `${path} on MainPC was changed since by others, and keeps what they made of it` },
            ]
          : entries;
      });
      machines.override('digestFile', async (ask, usual) =>
        ask.path === path ? { exists: true, sha256: 'theirs', bytes: 1 } : usual(),
      );
      await order.rollback(handle, 'enough');
      const { status, records } = await handle.result();
      expect(records['2B.undo.configs']).toMatchObject({ verdict: 'pass' });
      expect(status).toBe('rolled back');
    },
    { from: '2B.prepare.docker' },
  );
});

test('a file that others replaced before a step was done again is compared with what that found', bounded, async () => {
  const path = '/mainpc/centralhub/config/prometheus.yml';
  await lab.run(
    week1Plan(),
    async ({ handle, machines }) => {
      machines.hang('pushMetric');
      const atTheTests = () => soon(handle, ({ running }) => running.some(({ id }) => id.startsWith('2B.test')));
      await atTheTests();
      const of = { step: '2B.scrape.central', kind: 'file.restore', target: path, ms: 5 };
      const detail = `${path} on MainPC was changed since by others, and keeps what they made of it`;
      const first = { ...of, entry: 2, result: 'already', detail };
      const second = { ...of, entry: 9, result: 'undone' };
      let entries: object[] = [first];
      machines.override('rollback', async (_ask, usual, machine) => [
        ...(await usual()),
        ...(machine === 'MainPC' ? entries : []),
      ]);
      const theirs = () =>
        machines.override('digestFile', async (ask, usual) =>
          ask.path === path
            ? { exists: true, sha256: 'theirs', bytes: 1, ...(ask.changedBy?.task === '2B' && { replaced: 'theirs' }) }
            : usual(),
        );
      theirs();
      await order.rollback(handle, 'configuration management was at it', { task: '2B' });
      await soon(handle, ({ status }) => status === 'paused');
      machines.restore('digestFile');
      await order.resume(handle);
      await atTheTests();
      theirs();
      entries = [second, first];
      await order.rollback(handle, 'enough');
      const { status, records } = await handle.result();
      expect(records['2B.undo.configs']).toMatchObject({ verdict: 'pass' });
      expect(status).toBe('rolled back');
    },
    { from: '2B.prepare.docker' },
  );
});

test('a file that others changed after it was back does not hold up a later rollback', bounded, async () => {
  const path = '/mainpc/centralhub/config/prometheus.yml';
  const { name, program, config } = week1Plan().agents.find(({ wave }) => wave !== undefined)!;
  await lab.run(
    week1Plan(),
    async ({ handle, machines }) => {
      await until(lab, handle, ({ windows }) => windows.some(({ id }) => id.endsWith('.log-watch')));
      await order.rollback(handle, 'not tonight', { task: '2B' });
      await soon(handle, ({ status }) => status === 'paused');
      const undoneBefore = [
        { step: '2B.scrape.central', kind: 'file.restore', target: path },
        { step: `2D.deploy.${name}`, kind: 'agent.restore', target: program },
      ].map((entry, n) => ({ ...entry, entry: n + 2, result: 'already', ms: 1 }));
      machines.override('rollback', async (_ask, usual, machine) => [
        ...(await usual()),
        ...(machine === 'MainPC' ? undoneBefore : []),
      ]);
      machines.override('digestFile', async (ask, usual) => ({
        ...((await usual()) as object),
        ...([path, config].includes(ask.path) && { sha256: 'theirs', changedSince: true }),
      }));
      await order.rollback(handle, 'nor tomorrow');
      const { status, records } = await handle.result();
      for (const id of ['2B.undo.configs', '2D.undo.restore'])
        expect(records[id]).toMatchObject({
          verdict: 'pass',
          summary: expect.stringContaining('was changed by others after it was back'),
        });
      expect(status).toBe('rolled back');
    },
    { from: '2B.prepare.docker' },
  );
});
