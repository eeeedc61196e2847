// Notices through the proxy of the environment: when it is asked, how, and that nobody is told its password.
import { readFile } from 'node:fs/promises';
import { createServer as createServerOfHttp, request, type IncomingMessage, type Server } from 'node:http';
import { createServer as createServerOfHttps } from 'node:https';
import { connect, type AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { notifyActivities } from '../../../activities/control/notify.ts';
import type { Notice } from '../../../plan/week/notice.ts';
import { authority } from '../certificates.ts';

const notice: Notice = {
  id: 'run-1/incident-1/begin',
  kind: 'level-2',
  title: 'Level 2',
  text: 'it fails',
  resolved: false,
  run: 'run-1',
  plan: 'week',
  at: 0,
};
const told = (environment: NodeJS.ProcessEnv, kind: 'slack' | 'webhook' = 'webhook') =>
  notifyActivities(environment, 2_000)
    .notify({ channel: { name: 'c', kind, secret: 'HUBSHIFT_TEST' }, notice })
    .catch((error: Error) => error);

const open: Server[] = [];
afterEach(() => {
  for (const server of open.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
  vi.unstubAllEnvs();
});

async function listening(server: Server): Promise<number> {
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

async function certified(name: string) {
  const ca = await authority();
  const { certFile, keyFile } = await ca.sign(name);
  const [cert, key] = [await readFile(certFile), await readFile(keyFile)];
  await ca.remove();
  return { cert, key };
}

/** What it takes of each notice is in `taken`. */
async function hook(secured: boolean) {
  const taken: IncomingMessage['headers'][] = [];
  const take = (message: IncomingMessage, answer: { end(text: string): unknown }) => {
    taken.push(message.headers);
    message.resume().on('end', () => answer.end('ok'));
  };
  const server = secured ? createServerOfHttps(await certified('hooks.example'), take) : createServerOfHttp(take);
  return { port: await listening(server as Server), taken };
}

/** Brings all that it is asked for to one port of this host; or answers all of it with `refuses`. What it was asked is in `asked`. */
async function proxy(to: number, refuses?: number) {
  const asked: string[] = [];
  const log = ({ method, url, headers }: IncomingMessage) =>
    asked.push(`${method} ${url} ${headers['proxy-authorization'] ?? '-'}`);
  const server = createServerOfHttp((message, answer) => {
    log(message);
    if (refuses) return void answer.writeHead(refuses).end(`no ${message.headers['proxy-authorization']}`);
    const { 'proxy-authorization': _, ...headers } = message.headers;
    const { pathname } = new URL(message.url!);
    const onwards = request({ port: to, path: pathname, method: message.method, headers }, (back) =>
      back.pipe(answer.writeHead(back.statusCode!, back.headers)),
    );
    message.pipe(onwards);
  });
  const tunnels: Duplex[] = [];
  server.on('connect', (message: IncomingMessage, socket: Duplex) => {
    log(message);
    tunnels.push(socket);
    if (refuses) return void socket.end(`HTTP/1.1 ${refuses} No\r\n\r\n`);
    const onwards = connect(to, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Established\r\n\r\n');
      socket.pipe(onwards).pipe(socket);
    });
    for (const end of [socket, onwards]) end.on('error', () => undefined);
  });
  return {
    url: (who = '') => `http://${who}127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    port: await listening(server),
  };
}

describe('a notice', () => {
  it('goes to https through a tunnel, whose proxy knows nothing but where to', async () => {
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    const { port, taken } = await hook(true);
    const { url, asked } = await proxy(port);
    const environment = { HUBSHIFT_TEST: 'https://hooks.example/T0/hunter2', HTTPS_PROXY: url('bob:s3cr%40t@') };
    expect(await told(environment, 'slack')).toEqual({ result: 'sent', detail: 'answered 200' });
    expect(asked).toEqual([`CONNECT hooks.example:443 Basic ${Buffer.from('bob:s3cr@t').toString('base64')}`]);
    expect(taken).toMatchObject([{ host: 'hooks.example', 'idempotency-key': notice.id }]);
    expect(taken[0]).not.toHaveProperty('proxy-authorization');
  });

  it('to http is handed to the proxy, which may refuse tunnels to other ports', async () => {
    const { port, taken } = await hook(false);
    const { url, asked } = await proxy(port);
    const environment = { HUBSHIFT_TEST: 'http://hooks.example/x', http_proxy: url().replace('http://', '') };
    expect(await told(environment)).toEqual({ result: 'sent', detail: 'answered 200' });
    expect(asked).toEqual(['POST http://hooks.example/x -']);
    expect(taken).toHaveLength(1);
  });

  it('passes the proxy by where NO_PROXY has its host', async () => {
    const { port, taken } = await hook(false);
    const { url, asked } = await proxy(1);
    const environment = { HUBSHIFT_TEST: `http://127.0.0.1:${port}/`, HTTP_PROXY: url(), NO_PROXY: '127.0.0.0/8' };
    expect(await told(environment)).toEqual({ result: 'sent', detail: 'answered 200' });
    expect([asked.length, taken.length]).toEqual([0, 1]);
  });

  it.each([403, 407, 502])(
    'that a proxy answers with %i is none that was taken, and no password is told',
    async (status) => {
      const { url, asked } = await proxy(1, status);
      const tunnel = await told({ HUBSHIFT_TEST: 'https://hooks.example/hunter2', HTTPS_PROXY: url('bob:s3cret@') });
      expect(tunnel).toMatchObject({
        type: 'ChannelBusy',
        nonRetryable: false,
        message: expect.stringMatching(new RegExp(`${status}.* through the proxy of HTTPS_PROXY$`)),
      });
      const plain = await told({ HUBSHIFT_TEST: 'http://hooks.example/hunter2', http_proxy: url('bob:s3cret@') });
      expect(plain).toMatchObject(status === 403 ? { result: 'failed' } : { type: 'ChannelBusy' });
      const texts = JSON.stringify([tunnel, plain]) + (tunnel as Error).message + ((plain as Error).message ?? '');
      expect(texts).toContain('through the proxy of http_proxy');
      expect(texts).not.toMatch(/s3cret|hunter2|Ym9iOnMzY3JldA/);
      expect(asked).toHaveLength(2);
    },
  );

  it('is tried again later where the proxy is dead', async () => {
    expect(
      await told({ HUBSHIFT_TEST: 'https://hooks.example/x', HTTPS_PROXY: 'http://bob:s3cret@127.0.0.1:1' }),
    ).toMatchObject({
      type: 'ChannelBusy',
      message: expect.stringMatching(/^(?!.*s3cret).*ECONNREFUSED.*through the proxy of HTTPS_PROXY$/),
    });
  });

  it.each(['socks5://bob:s3cret@PC2', 'http://bob:s3cr%t@PC2', 'http://bob:s3cret@PC2:99999', 'http://'])(
    'fails at once where the variable is %j, whose value is not told',
    async (https_proxy) => {
      const said = await told({ HUBSHIFT_TEST: 'https://hooks.example/x', https_proxy });
      expect(said).toEqual({
        result: 'failed',
        detail: expect.stringMatching(/^https_proxy is no URL of a proxy: (?!.*(s3cr|socks))/),
      });
    },
  );
});
