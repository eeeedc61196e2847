// A login that is missing or refused says nothing of the servers: neither that they are down, nor that they are not there.
import { createServer, type AddressInfo } from 'node:net';
import { MockActivityEnvironment } from '@temporalio/testing';
import { expect, it, onTestFinished } from 'vitest';
import { measure } from '../../../activities/measure/totals.ts';
import { whyNotWorking } from '../../../activities/nats/cluster-works.ts';
import { coreActivities } from '../../../activities/nats/core.ts';
import { streamActivities } from '../../../activities/nats/streams.ts';
import { ledgerOf } from '../../../activities/ledger/ledger.ts';
import { undo } from '../../../activities/undo/undo.ts';
import type { MeasureAsk } from '../../../plan/machine-api/measure.ts';
import type { SecuredNats } from '../../../plan/machine-api/target.ts';
import { nothingMeasured } from '../../../plan/evidence/measured.ts';
import { serve } from '../local-server.ts';
import { temporaryMachine } from '../machine.ts';

const pages: Record<string, unknown> = {
  '/varz': { server_name: 'a', cluster: { name: 'c' } },
  '/routez': { routes: [{ remote_name: 'b' }] },
  '/jsz': { meta_cluster: { leader: 'a', cluster_size: 2 } },
};

/** The pages of a server that is up. */
async function monitorOf(): Promise<string> {
  const { url } = await serve((request, response) => response.end(JSON.stringify(pages[request.url!])));
  return url;
}

/** One that says no to whoever logs in. */
async function refusing(): Promise<string> {
  const info = { server_id: 'a', version: '2.11.0', proto: 1, headers: true, max_payload: 1024, auth_required: true };
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.once('data', () => socket.end("-ERR 'Authorization Violation'\r\n"));
    socket.write(`INFO ${JSON.stringify(info)}\r\n`);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => void server.close());
  return `nats://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const nobodyThere = 'nats://127.0.0.1:1';
const login = { basicAuth: { username: 'week', passwordEnv: 'HUBSHIFT_TEST_NONE' } };

it.each<[string, () => Promise<string | SecuredNats>, RegExp]>([
  ['a password that is not there', async () => ({ url: nobodyThere, ...login }), /HUBSHIFT_TEST_NONE/],
  [
    'a CA that is not there',
    async () => ({ url: nobodyThere, caFile: '/none.pem' }),
    /messaging\.tls\.caFile \S+none\.pem is not on this machine/,
  ],
  ['a login that is refused', refusing, /it wants a login: messaging\.users\.week/],
])('%s', async (_, serverOf, why) => {
  const [host, monitor, server] = [await temporaryMachine(), await monitorOf(), await serverOf()];
  const { natsConnect, natsListen } = coreActivities(host);
  expect(await natsConnect({ server, withinMs: 300 })).toMatchObject({
    connected: false,
    refused: true,
    error: expect.stringMatching(why),
  });
  expect(await whyNotWorking(host, { server, monitor, routes: 1, streams: [] }, 5_000)).toEqual({
    why: expect.stringMatching(why),
    unknown: true,
  });
  const { streamState } = streamActivities(host, ledgerOf(host, undo));
  expect(await streamState({ server, stream: 's', replicas: 1, withinMs: 300 })).toMatchObject({
    refused: true,
    error: expect.stringMatching(why),
  });
  await expect(natsListen({ server, subject: 'x', nonce: 'x', count: 1, withinMs: 300 })).rejects.toMatchObject({
    name: 'NotSeen',
    message: expect.stringMatching(why),
  });
});

it('a server that is not there, or has no routes, is down, whatever its login is', async () => {
  const [host, monitor] = [await temporaryMachine(), await monitorOf()];
  const ask = { server: nobodyThere, monitor, routes: 1, streams: [] };
  const { natsConnect } = coreActivities(host);
  expect(await natsConnect({ server: nobodyThere, withinMs: 300 })).not.toHaveProperty('refused');
  expect(await whyNotWorking(host, ask, 5_000)).toEqual({ why: expect.any(String) });
  const secured = { ...ask, server: { url: nobodyThere, ...login }, routes: 2 };
  expect(await whyNotWorking(host, secured, 5_000)).toEqual({ why: 'routes to 1 servers; 2 are wanted' });
  const gone = { ...ask, server: secured.server, monitor: 'http://127.0.0.1:1' };
  expect(await whyNotWorking(host, gone, 5_000)).toEqual({ why: expect.stringContaining('got no answer') });
});

it('a cluster whose login is missing in mid-week is neither up nor down meanwhile', async () => {
  const [host, monitor, at] = [await temporaryMachine(), await monitorOf(), Date.now() - 1_000];
  const known = { since: at, down: [] };
  const ask: MeasureAsk = {
    soFar: { ...nothingMeasured(), targets: { 'nats-pc2': known } },
    untilMs: Date.now() + 400,
    intervalMs: 100,
    timeoutMs: 1_000,
    urls: {},
    programs: {},
    containers: [],
    clusters: { 'nats-pc2': { server: { url: nobodyThere, ...login }, monitor, routes: 1, streams: [] } },
    messages: { server: '', answers: 'x', to: {}, run: 'week-1' },
  };
  const { targets } = await (new MockActivityEnvironment().run(measure, host, ask) as ReturnType<typeof measure>);
  expect(targets['nats-pc2']).toEqual({ ...known, unknown: [expect.any(Array)] });
});
