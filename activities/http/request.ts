// One HTTP request with a time-out of its own, and errors that say what was tried, from where and what was found.
import type { Probe } from '../../plan/machine-api/host.ts';
import { urlOf } from '../../plan/machine-api/target.ts';
import { cancelled, within } from '../context/cancellation.ts';
import { cut } from '../../plan/week/cut-text.ts';
import { loginOf, type Reach } from './reach.ts';
import { isPage } from './page.ts';
import { adviceOn, isByCertificate, NotSeen, whyRefused } from './refused.ts';
import { without } from './without.ts';

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  /** What is told of a text of it: a server may repeat what it was asked with. */
  clean(text: string): string;
}

export interface Request {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  headers?: Record<string, string>;
  body?: string | Uint8Array<ArrayBuffer>;
  timeoutMs?: number;
  /** What is sent elsewhere is followed for a GET, and for nothing else: a write would get there as a GET, and be taken for done. */
  redirect?: 'follow' | 'manual';
  /** Goes another way than straight there. */
  by?: typeof fetch;
}

const defaultTimeoutMs = 5_000;

/**
 * Any answer of the server is a result, whatever its status. Throws when there is none within `timeoutMs` (5 s); the message names the reason and
 * the URL. NotSeen where that says nothing of the server.
 */
export async function request(
  target: string | Reach,
  { timeoutMs = defaultTimeoutMs, by = fetch, ...init }: Request = {},
): Promise<Answer> {
  const [method, url] = [init.method ?? 'GET', urlOf(target)];
  const signal = within(timeoutMs);
  const login = await loginOf(target, signal).catch((error: Error) => {
    throw new NotSeen(`${method} ${url} was not asked: ${error.message}`, { cause: error });
  });
  const clean = (text: string) => without(login.secrets, text);
  try {
    const redirect = init.redirect ?? (method === 'GET' ? 'follow' : 'manual');
    const response = await (login.by ?? by)(url, {
      ...init,
      redirect,
      headers: { ...init.headers, ...login.headers },
      signal,
    });
    const { status, headers, redirected, ok } = response;
    const text = await response.text();
    if (redirected && ok && isPage({ text, headers })) throw new NotSeen(`${method} ${url} ${sentTo(response.url)}`);
    return { status, headers, text, clean };
  } catch (error) {
    cancelled().throwIfAborted();
    if (error instanceof NotSeen) throw error;
    const said = `${method} ${url} got no answer: ${clean(reason(target, error as Error, timeoutMs))}`;
    throw new (isByCertificate(rootOf(error as Error)) ? NotSeen : Error)(said, { cause: error });
  } finally {
    await login.close?.();
  }
}

/** Without what it may carry along. */
function sentTo(url: string): string {
  const { origin, pathname } = new URL(url);
  return `redirects to an HTML page (a login?) at ${origin}${pathname}: where that page is what was meant, the plan must name its path`;
}

/** The body of a 2xx answer. Throws on any other. */
export async function bodyOf(target: string | Reach, options: Request = {}): Promise<string> {
  return bodyIn(await request(target, options), target, options.method);
}

/** The same of an answer that was looked at. */
export function bodyIn(
  { status, text, clean }: Answer,
  target: string | Reach,
  method: Request['method'] = 'GET',
): string {
  if (status >= 200 && status <= 299) return text;
  const refused = whyRefused(target, { status, text });
  const said = `${method} ${urlOf(target)} answered ${status}: ${firstLine(clean(text))}${refused}`;
  throw new (refused ? NotSeen : Error)(said);
}

/** A request as a measurement: no answer and a wrong one are data. Throws only when cancelled. */
export async function probed(
  target: string | Reach,
  options: Request,
  fine: (status: number) => boolean,
): Promise<Probe> {
  const url = urlOf(target);
  const started = performance.now();
  const latencyMs = () => Math.round(performance.now() - started);
  try {
    const { status, text, clean } = await request(target, options);
    const answered = { url, ok: fine(status), status, latencyMs: latencyMs() };
    if (answered.ok) return answered;
    const refused = whyRefused(target, { status, text });
    return {
      ...answered,
      error: `answered ${status}: ${firstLine(clean(text))}${refused}`,
      ...(refused && { unknown: true }),
    };
  } catch (error) {
    return withoutAnswer(url, latencyMs(), error as Error);
  }
}

/** Throws when it was cancelled. */
export function withoutAnswer(url: string, latencyMs: number, error: Error): Probe {
  cancelled().throwIfAborted();
  return { url, ok: false, latencyMs, error: error.message, ...(error instanceof NotSeen && { unknown: true }) };
}

/** The beginning of a text, on one line. */
export function firstLine(text: string): string {
  return cut(text.trim().split('\n', 1)[0] ?? '', 200);
}

function reason(target: string | Reach, error: Error, timeoutMs: number): string {
  if (error.name === 'TimeoutError') return `time-out after ${timeoutMs} ms`;
  const cause = rootOf(error);
  return `${cause.message.trim() || cause.code || error.message}${adviceOn(target, cause)}`;
}

/** fetch hides the reason in a chain of causes. */
export function rootOf(error: Error): NodeJS.ErrnoException {
  let cause: NodeJS.ErrnoException = error;
  while (cause.cause instanceof Error) cause = cause.cause;
  return cause;
}
