// Tells people over one channel. Runs on the control worker, the only process that knows the channels' secrets.
import { ApplicationFailure } from '@temporalio/common';
import { redact } from '../../plan/secrets/redact.ts';
import { cut } from '../../plan/week/cut-text.ts';
import { bodyFor, type Channel, type Notice, type Sent } from '../../plan/week/notice.ts';
import { attempt } from '../context/heartbeat.ts';
import { isPage } from '../http/page.ts';
import { type Answer, request, type Request } from '../http/request.ts';
import { without } from '../http/without.ts';
import { annotate } from './grafana.ts';
import { type Proxy, proxyFor, through } from './proxy.ts';

export interface NotifyActivities {
  /**
   * Throws, to be tried again, when the channel does not take it now; one that never will is a result. `names` are the plan's, which are no
   * secrets whatever they sound like; weeks of before do not say them.
   */
  notify(ask: { channel: Channel; notice: Notice; names?: string[] }): Promise<Pick<Sent, 'result' | 'detail'>>;
  /** The names of those whose variable has no value here. */
  channelsOff(ask: { channels: Channel[] }): Promise<string[]>;
}

const pagerDuty = 'https://events.pagerduty.com/v2/enqueue';

/** What a server may ask us to wait at most, before its channel is tried again. */
const waitAtMostMs = 60_000;

/** `answerMs`: how long a channel may take to answer. */
export function notifyActivities(environment: NodeJS.ProcessEnv, answerMs = 10_000): NotifyActivities {
  return {
    channelsOff: async ({ channels }) =>
      channels.filter(({ secret }) => !secretIn(environment, secret)).map(({ name }) => name),
    async notify({ channel, notice, names }) {
      const secret = secretIn(environment, channel.secret);
      if (!secret) return { result: 'off', detail: `${channel.secret} is not set where the control worker runs` };
      const url = channel.url ?? (channel.kind === 'pagerduty' ? pagerDuty : secret);
      if (!isAddress(url))
        return {
          result: 'failed',
          detail: `${channel.url === undefined ? channel.secret : "the channel's url"} is no URL of http or https without a name and password in it`,
        };
      let proxy: Proxy | undefined;
      try {
        proxy = proxyFor(environment, url);
      } catch (error) {
        return { result: 'failed', detail: (error as Error).message };
      }
      const ours = new Set(names);
      const clean = (text: string) => redact(text, ours);
      const commands = notice.commands?.map(clean);
      const told = { ...notice, title: clean(notice.title), text: clean(notice.text), ...(commands && { commands }) };
      const answer = await tell({ ...channel, url }, told, { secret, proxy, answerMs });
      if (hasTaken[channel.kind](answer) && !isPage(answer))
        return { result: 'sent', detail: `answered ${answer.status}` };
      const say = `answered ${answer.status}${insteadOfIt(answer)}${by(proxy)}: ${cut(without(secretsOf({ secret, proxy }), answer.text).trim().split('\n')[0] ?? '', 120)}`;
      // Too many requests, and troubles of the server's own, pass; all else would be refused again.
      if (answer.status === 429 || answer.status >= 500)
        throw ApplicationFailure.create({
          message: say,
          type: 'ChannelBusy',
          nextRetryDelay: retryAfterMs(answer.headers),
        });
      return { result: 'failed', detail: say };
    },
  };
}

/** What a file or an editor puts around it is none of it. */
function secretIn(environment: NodeJS.ProcessEnv, variable: string): string | undefined {
  return environment[variable]?.trim() || undefined;
}

/** One that no request can be made of is refused at once: it will not be another one later. */
function isAddress(url: string): boolean {
  if (/\s/.test(url) || !URL.canParse(url)) return false;
  const { protocol, username, password } = new URL(url);
  return /^https?:$/.test(protocol) && username === '' && password === '';
}

/** What each says when it has taken a notice, as far as its API says. */
const hasTaken: Record<Channel['kind'], (answer: Answer) => boolean> = {
  slack: ({ status, text }) => status === 200 && text.trim() === 'ok',
  pagerduty: ({ status }) => status === 202,
  grafana: ({ status }) => status >= 200 && status <= 299,
  webhook: ({ status }) => status >= 200 && status <= 299,
};

function insteadOfIt(answer: Answer): string {
  if (answer.status >= 300 && answer.status <= 399) return ', a redirect, which is not followed';
  return isPage(answer) ? ' with a page for people' : '';
}

function by(proxy: Proxy | undefined): string {
  return proxy ? ` through the proxy of ${proxy.variable}` : '';
}

/** What it takes to ask, and what of it no text may have. */
interface Way {
  secret: string;
  proxy: Proxy | undefined;
  answerMs: number;
}

function secretsOf({ secret, proxy }: Pick<Way, 'secret' | 'proxy'>): string[] {
  return [secret, ...(proxy?.secrets ?? [])];
}

/** The answer that decides whether it was taken. A redirect, such as to a login page, is none that was. */
function tell({ kind, url }: Channel & { url: string }, notice: Notice, way: Way) {
  const { secret } = way;
  const ask = (to: string, { headers, ...more }: Request) =>
    answerOf(to, way, {
      timeoutMs: way.answerMs,
      redirect: 'manual',
      headers: { 'content-type': 'application/json', 'idempotency-key': notice.id, ...headers },
      ...more,
    });
  if (kind !== 'grafana') return ask(url, { method: 'POST', body: JSON.stringify(bodyFor({ kind }, notice, secret)) });
  const headers = { authorization: `Bearer ${secret}` };
  return annotate(
    (method, path, body) =>
      ask(`${url.replace(/\/+$/, '')}${path}`, {
        method,
        headers,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    notice,
  );
}

/** The URL of a webhook is its secret, as the token is: no message of an error may have it. */
async function answerOf(url: string, way: Way, ask: Request): Promise<Answer> {
  const { proxy } = way;
  try {
    return await (proxy ? through(proxy, (by) => request(url, { ...ask, by })) : request(url, ask));
  } catch (error) {
    throw ApplicationFailure.retryable(
      `${without(secretsOf(way), (error as Error).message)}${by(proxy)}`,
      'ChannelBusy',
    );
  }
}

/**
 * How long a busy server wants to be left alone (Retry-After), where it says so in seconds; else the workflow's own intervals hold. Never
 * shorter than those (workflows/notices/notifying.ts): a server that always says "1" would use up all attempts at once.
 */
function retryAfterMs(headers: Headers): number | undefined {
  const retryAfter = headers.get('retry-after') ?? '';
  return /^[1-9]\d*$/.test(retryAfter)
    ? Math.min(Math.max(1_000 * Number(retryAfter), 2_000 * 3 ** (attempt() - 1)), waitAtMostMs)
    : undefined;
}
