// Who knocks at the lab from an address that is no machine of the plan, with what it is told and with nothing. Imports nothing of the product's clients.
import { type RequestOptions, request as plainly } from 'node:http';
import { request as byTls } from 'node:https';
import { connect, type Socket } from 'node:net';
import { connect as connectByTls } from 'node:tls';

export interface Door {
  url: string;
  /** As the plan has it: what its machine's worker tells. */
  headers: Record<string, string>;
  ca: string;
}

const withinMs = 5_000;

/** The status that it answers with, or why there was no answer. Without `trusted` whoever answers is believed: the login alone keeps a stranger out. */
export function knock(url: string, from: string, trusted?: Omit<Door, 'url'>): Promise<number | string> {
  const options: RequestOptions & { ca?: string; rejectUnauthorized?: boolean } = {
    localAddress: from,
    timeout: withinMs,
    agent: false,
    ...(trusted ? { ca: trusted.ca, headers: trusted.headers } : { rejectUnauthorized: false }),
  };
  return new Promise((resolve) => {
    const asked = (url.startsWith('https:') ? byTls : plainly)(url, options, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 'no status');
    });
    asked.on('timeout', () => asked.destroy(new Error(`no answer in ${withinMs} ms`)));
    asked.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    asked.end();
  });
}

/** A place of a NATS server, and the address from which somebody comes there. */
export interface Gate {
  host: string;
  port: number;
  from: string;
}

export interface Identity {
  cert: string;
  key: string;
}

export interface Login {
  ca: string;
  /** What a client tells of itself, once it has the server's nonce. */
  tell(nonce: string): object;
}

/** What a server says to a client that has told who it is, or nothing: `PONG`, or its refusal. Speaks the text protocol. */
export async function knockAtClients({ host, port, from }: Gate, login?: Login): Promise<string> {
  const socket = connect({ host, port, localAddress: from });
  try {
    const info = JSON.parse((await line(socket, /^INFO (.*)$/m))[1]!) as { tls_required?: boolean; nonce?: string };
    const trust = login ? { ca: login.ca } : { rejectUnauthorized: false };
    const spoken = info.tls_required ? connectByTls({ socket, host, ...trust }) : socket;
    const told = { verbose: false, pedantic: false, lang: 'stranger', version: '1', ...login?.tell(info.nonce ?? '') };
    spoken.write(`CONNECT ${JSON.stringify(told)}\r\nPING\r\n`);
    return (await line(spoken, /^(PONG|-ERR .*)$/m))[1]!.trim();
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? (error as Error).message;
  } finally {
    socket.destroy();
  }
}

/** What a server says to another one that shows this certificate, or none: `answers`, or how the connection ended. */
export async function knockAtRoutes({ host, port, from }: Gate, shown?: Identity): Promise<string> {
  const socket = connectByTls({
    socket: connect({ host, port, localAddress: from }),
    host,
    rejectUnauthorized: false,
    ...shown,
  });
  try {
    socket.write('PING\r\n');
    await line(socket, /^(?:PONG|INFO)/m);
    return 'answers';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? (error as Error).message;
  } finally {
    socket.destroy();
  }
}

/** The first text of a connection that is like this. Rejects when it ends before, or after 5 s. */
function line(socket: Socket, like: RegExp): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    let text = '';
    socket.setTimeout(withinMs, () => reject(new Error(`no answer in ${withinMs} ms`)));
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('closed')));
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const found = like.exec(text);
      if (!found) return;
      socket.removeAllListeners('data');
      resolve(found);
    });
  });
}
