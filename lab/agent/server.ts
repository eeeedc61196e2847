// The agent's HTTP server: a table of routes, JSON in and out, bodies of bounded size.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https';
import { json as readJson } from 'node:stream/consumers';
import { ZodError } from 'zod';
import { type Access, loginOf } from './access.ts';
import type { Log } from './log.ts';

export interface Reply {
  status: number;
  type: string;
  body: string;
}
/** `body` is the parsed JSON of a POST, undefined for a GET. A ZodError thrown here is the caller's fault: 400. */
export type Handler = (body: unknown) => Reply | Promise<Reply>;
/** By method and path, as `GET /health`. */
export type Routes = Record<string, Handler>;

const bodyLimitBytes = 64 * 1024;
const requestTimeoutMs = 5000;

export function json(value: unknown, status = 200): Reply {
  return { status, type: 'application/json; charset=utf-8', body: `${JSON.stringify(value)}\n` };
}

/** By TLS where it has a certificate; with `credentials_file` it answers only who tells that token. */
export type Guard = Pick<Access, 'cert_file' | 'key_file' | 'credentials_file'>;

/** Listens; `counted` gets the route (or `other`) and the status of every request. Rejects if the address can't be had. */
export async function serve(
  routes: Routes,
  address: { host: string; port: number; guard: Guard },
  log: Log,
  counted: (route: string, status: number) => void,
): Promise<Server | SecureServer> {
  const { cert_file: cert, key_file: key } = address.guard;
  const timeouts = { requestTimeout: requestTimeoutMs, headersTimeout: requestTimeoutMs };
  const listener: RequestListener = async (incoming, outgoing) => {
    const route = `${incoming.method} ${incoming.url?.split('?')[0]}`;
    const reply = (await mayAsk(address.guard, incoming, log)) ? await answer(routes, route, incoming, log) : refused;
    counted(Object.hasOwn(routes, route) ? route : 'other', reply.status);
    if (reply.status === 413) outgoing.setHeader('connection', 'close');
    outgoing
      .writeHead(reply.status, { 'content-type': reply.type, 'content-length': Buffer.byteLength(reply.body) })
      .end(reply.body);
  };
  const server =
    cert && key
      ? createSecureServer({ ...timeouts, cert: readFileSync(cert), key: readFileSync(key) }, listener)
      : createServer(timeouts, listener);
  server.listen(address.port, address.host);
  await once(server, 'listening');
  return server;
}

const refused = json({ error: 'a login is wanted: Authorization: Bearer TOKEN' }, 401);

async function mayAsk({ credentials_file: file }: Guard, { headers }: IncomingMessage, log: Log): Promise<boolean> {
  if (!file) return true;
  try {
    return headers.authorization === (await loginOf({ credentials_file: file }))['authorization'];
  } catch (error) {
    log.error('nobody can log in', { error: (error as Error).message });
    return false;
  }
}

async function answer(routes: Routes, route: string, incoming: IncomingMessage, log: Log): Promise<Reply> {
  if (!Object.hasOwn(routes, route))
    return json({ error: `there is no ${route}; there is ${Object.keys(routes).join(', ')}` }, 404);
  try {
    const body = incoming.method === 'POST' ? await readJson(bounded(incoming)) : undefined;
    return await routes[route]!(body);
  } catch (error) {
    if (error instanceof RangeError) return json({ error: error.message }, 413);
    if (error instanceof SyntaxError) return json({ error: `the body is not JSON: ${error.message}` }, 400);
    if (error instanceof ZodError)
      return json({ error: error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ') }, 400);
    log.error('a request failed', { route, error: (error as Error).stack ?? String(error) });
    return json({ error: 'internal error, see the log' }, 500);
  }
}

async function* bounded(incoming: IncomingMessage): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of incoming.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bodyLimitBytes) throw new RangeError(`the body is larger than ${bodyLimitBytes} bytes`);
    yield chunk;
  }
}
