// Telling people: what each kind of channel gets, what is tried again, and that no secret is said.
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { notifyActivities } from '../../../activities/control/notify.ts';
import { bodyFor, channelsFor, type Channel, type Notice } from '../../../plan/week/notice.ts';
import { plan } from '../../client/fixtures.ts';

const notice: Notice = {
  id: 'run-1/incident-1/begin',
  kind: 'level-2',
  title: 'Level 2: <agent> & co',
  text: 'it fails',
  resolved: false,
  run: 'run-1',
  plan: 'week',
  at: Date.UTC(2026, 6, 23, 10),
};
const channel = <Kind extends Channel['kind']>(kind: Kind, url?: string) => ({
  name: 'c',
  kind,
  secret: 'HUBSHIFT_TEST',
  ...(url ? { url } : {}),
});

interface Taken {
  headers: IncomingHttpHeaders;
  body: any;
}
let close = () => undefined as void;
afterEach(() => close());

type Status = number | 'silence' | { status: number; retryAfter: string };

/** Answers each request with the next status, the last one again and again; what came is in `taken`. */
async function receiver(...statuses: Status[]): Promise<{ url: string; taken: Taken[] }> {
  const taken: Taken[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      const status = statuses[Math.min(taken.length, statuses.length - 1)]!;
      taken.push({ headers: request.headers, body: JSON.parse(text) });
      if (status === 'silence') return;
      const [code, headers] =
        typeof status === 'number' ? [status, {}] : [status.status, { 'retry-after': status.retryAfter }];
      response.writeHead(code, headers).end(code === 200 ? 'ok' : `refused for ${request.url}`);
    });
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  close = () => void (server.closeAllConnections(), server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/services/T0/B0/secret`, taken };
}

describe('what a channel gets', () => {
  it('has no secret that an earlier build, or a person, put into a text', async () => {
    const { url, taken } = await receiver(200);
    const told = { ...notice, title: 'nats://bob:hunter2@PC2 is down', text: 'reason: the token=hunter2 is old' };
    for (const kind of ['slack', 'webhook', 'pagerduty'] as const)
      await notifyActivities({ HUBSHIFT_TEST: url }).notify({ channel: channel(kind, url), notice: told });
    expect(taken).toHaveLength(3);
    for (const { body } of taken) expect(JSON.stringify(body)).toMatch(/^(?!.*hunter2).*secret#/);
  });

  it('names agents as the plan does, though they are called like secrets', async () => {
    const { url, taken } = await receiver(200);
    const told = { ...notice, title: 'webhook: no answer', text: 'token_00: hangs; password: hunter2' };
    const names = ['webhook', 'token_00'];
    await notifyActivities({ HUBSHIFT_TEST: url }).notify({ channel: channel('webhook'), notice: told, names });
    expect(taken[0]?.body).toMatchObject({
      title: told.title,
      text: expect.stringMatching(/^token_00: hangs; password: \[secret#/),
    });
  });

  it('is a text with escaped markup for Slack', async () => {
    const { url, taken } = await receiver(200);
    expect(await notifyActivities({ HUBSHIFT_TEST: url }).notify({ channel: channel('slack'), notice })).toEqual({
      result: 'sent',
      detail: 'answered 200',
    });
    expect(taken).toMatchObject([
      {
        headers: { 'content-type': 'application/json' },
        body: { text: '*Level 2: &lt;agent&gt; &amp; co*\nit fails\n_week, run run-1_' },
      },
    ]);
  });

  it('is an event of the API v2 for PagerDuty, resolved under the same key', async () => {
    const { url, taken } = await receiver(202);
    const { notify } = notifyActivities({ HUBSHIFT_TEST: 'k'.repeat(32) });
    await notify({ channel: channel('pagerduty', url), notice });
    await notify({
      channel: channel('pagerduty', url),
      notice: { ...notice, id: 'run-1/incident-1/end', resolved: true },
    });
    expect(taken.map(({ body }) => body)).toEqual([
      {
        routing_key: 'k'.repeat(32),
        event_action: 'trigger',
        dedup_key: 'run-1/incident-1',
        payload: {
          summary: 'Level 2: <agent> & co: it fails',
          source: 'hubshift week',
          severity: 'error',
          timestamp: '2026-07-23T10:00:00.000Z',
          component: 'week',
          class: 'level-2',
          custom_details: { run: 'run-1', text: 'it fails' },
        },
      },
      { routing_key: 'k'.repeat(32), event_action: 'resolve', dedup_key: 'run-1/incident-1' },
    ]);
  });

  it('is critical for PagerDuty at level 3, and the whole of it for Slack', async () => {
    const { url, taken } = await receiver(202, 200);
    const level3: Notice = {
      ...notice,
      id: 'run-1/incident-3/begin',
      kind: 'level-3',
      title: 'Level 3: the week',
      text: 'both hubs are down (ada). Everything that the week made is undone.',
    };
    await notifyActivities({ HUBSHIFT_TEST: 'k' }).notify({ channel: channel('pagerduty', url), notice: level3 });
    await notifyActivities({ HUBSHIFT_TEST: url }).notify({ channel: channel('slack'), notice: level3 });
    expect(taken.map(({ body }) => body)).toEqual([
      {
        routing_key: 'k',
        event_action: 'trigger',
        dedup_key: 'run-1/incident-3',
        payload: {
          summary: `${level3.title}: ${level3.text}`,
          source: 'hubshift week',
          severity: 'critical',
          timestamp: '2026-07-23T10:00:00.000Z',
          component: 'week',
          class: 'level-3',
          custom_details: { run: 'run-1', text: level3.text },
        },
      },
      { text: `*${level3.title}*\n${level3.text}\n_week, run run-1_` },
    ]);
  });

  it('is the notice itself for a webhook, with its id to tell repetitions', async () => {
    const { url, taken } = await receiver(204);
    await notifyActivities({ HUBSHIFT_TEST: url }).notify({ channel: channel('webhook'), notice });
    expect(taken).toMatchObject([{ headers: { 'idempotency-key': notice.id }, body: notice }]);
  });

  it('stays within what PagerDuty and Slack take', () => {
    const long = { ...notice, text: 'x'.repeat(10_000), id: `${'y'.repeat(400)}/end` };
    const { payload, dedup_key: key } = bodyFor({ kind: 'pagerduty' }, long, 'k') as {
      payload: { summary: string };
      dedup_key: string;
    };
    expect([payload.summary.length, key.length]).toEqual([1_024, 255]);
    expect((bodyFor({ kind: 'slack' }, long, 'k') as { text: string }).text.length).toBe(4_000);
  });
});

describe('the commands of a notice', () => {
  const commands = ['hubshift retry 2A.check.restart --run run-1', "hubshift accept X --reason 'a < b && c'"];

  it('are whole, whatever the text is, and each is to be pasted', () => {
    const long = { ...notice, text: '&'.repeat(10_000), commands };
    const { text } = bodyFor({ kind: 'slack' }, long, 'k') as { text: string };
    expect(text.length).toBeLessThanOrEqual(4_000);
    expect(text).toContain('```hubshift retry 2A.check.restart --run run-1```');
    expect(text).toContain("```hubshift accept X --reason 'a &lt; b &amp;&amp; c'```");
    expect(text).toMatch(/&amp;…\n/);
    expect(bodyFor({ kind: 'pagerduty' }, long, 'k')).toMatchObject({ payload: { custom_details: { commands } } });
    expect(bodyFor({ kind: 'webhook' }, long, 'k')).toMatchObject({ commands, severity: 'error' });
  });

  it('are left out as a whole where there is no room', () => {
    const { text } = bodyFor({ kind: 'slack' }, { ...notice, commands: ['x'.repeat(5_000)] }, 'k') as { text: string };
    expect(text).toBe('*Level 2: &lt;agent&gt; &amp; co*\nit fails\n_week, run run-1_');
  });

  it('have no secret either', async () => {
    const { url, taken } = await receiver(200);
    await notifyActivities({ HUBSHIFT_TEST: url }).notify({
      channel: channel('webhook'),
      notice: { ...notice, commands: ['hubshift retry x --token=hunter2'] },
    });
    expect(JSON.stringify(taken[0]?.body)).not.toContain('hunter2');
  });
});

describe("PagerDuty's Events API v2", () => {
  const events = (
    ['level-1', 'level-2', 'level-3', 'held', 'question', 'phase', 'approval', 'result', 'test'] as const
  ).map((kind): Notice => ({ ...notice, kind, id: 'run-1/held-1/begin' }));
  const about = (more: Partial<Notice>) => bodyFor({ kind: 'pagerduty' }, { ...events[3]!, ...more }, 'k'.repeat(32));

  it('takes every kind, with a severity that it knows', () => {
    for (const one of events) isEvent(bodyFor({ kind: 'pagerduty' }, one, 'k'.repeat(32)));
    const severityOf = (kind: Notice['kind']) =>
      (bodyFor({ kind: 'pagerduty' }, { ...notice, kind }, 'k') as any).payload.severity as string;
    expect(events.map(({ kind }) => [kind, severityOf(kind)])).toEqual([
      ['level-1', 'warning'],
      ['level-2', 'error'],
      ['level-3', 'critical'],
      ['held', 'error'],
      ['question', 'critical'],
      ['phase', 'info'],
      ['approval', 'info'],
      ['result', 'info'],
      ['test', 'info'],
    ]);
  });

  it('has the same key for what begins, is told again, is answered and is over', () => {
    const all = [
      about({}),
      about({ id: 'run-1/held-1/reminder-2' }),
      about({ id: 'run-1/held-1/escalated-1' }),
      about({ id: 'run-1/held-1/acknowledged', acknowledgedBy: 'ada' }),
      about({ id: 'run-1/held-1/over', resolved: true }),
    ];
    for (const event of all) isEvent(event);
    expect(all.map((event: any) => [event.event_action, event.dedup_key])).toEqual(
      ['trigger', 'trigger', 'trigger', 'acknowledge', 'resolve'].map((action) => [action, 'run-1/held-1']),
    );
  });
});

/** What the published description of the API asks for, and the lengths that it takes. */
function isEvent(event: any): void {
  expect(event.routing_key).toHaveLength(32);
  expect(['trigger', 'acknowledge', 'resolve']).toContain(event.event_action);
  expect(event.dedup_key.length).toBeLessThanOrEqual(255);
  const known = ['routing_key', 'event_action', 'dedup_key', 'payload', 'client', 'client_url', 'links', 'images'];
  expect(Object.keys(event).filter((key) => !known.includes(key))).toEqual([]);
  if (event.event_action !== 'trigger') return;
  const { summary, source, severity, timestamp, custom_details: details, ...others } = event.payload;
  expect(summary.length).toBeLessThanOrEqual(1_024);
  expect(source).toBeTruthy();
  expect(['critical', 'error', 'warning', 'info']).toContain(severity);
  expect(new Date(timestamp).toISOString()).toBe(timestamp);
  expect(details).toBeTypeOf('object');
  expect(Object.keys(others).filter((key) => !['component', 'group', 'class'].includes(key))).toEqual([]);
}

it('which channels are off is known by their names alone', async () => {
  const { channelsOff } = notifyActivities({ HUBSHIFT_A: 'https://hooks.example/hunter2', HUBSHIFT_B: ' ' });
  const channels = ['A', 'B', 'C'].map((name) => ({ name, kind: 'slack' as const, secret: `HUBSHIFT_${name}` }));
  expect(await channelsOff({ channels })).toEqual(['B', 'C']);
});

describe('a channel', () => {
  it.each([
    ['slack', 204],
    ['pagerduty', 200],
    ['pagerduty', 204],
    ['webhook', 304],
  ] as const)('of kind %s that answers %i has not taken it', async (kind, status) => {
    const { url } = await receiver(status);
    expect(
      await notifyActivities({ HUBSHIFT_TEST: url }).notify({ channel: channel(kind, url), notice }),
    ).toMatchObject({ result: 'failed', detail: expect.stringContaining(`answered ${status}`) });
  });

  it('without its variable is off', async () => {
    expect(await notifyActivities({}).notify({ channel: channel('slack'), notice })).toEqual({
      result: 'off',
      detail: 'HUBSHIFT_TEST is not set where the control worker runs',
    });
  });

  it.each([301, 302, 303, 307, 308])('that answers %i, such as with a login page, has not taken it', async (status) => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      if (request.url === '/login') response.end('who are you?');
      else response.writeHead(status, { location: '/login' }).end();
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    close = () => void (server.closeAllConnections(), server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
    expect(
      await notifyActivities({ HUBSHIFT_TEST: url }).notify({ channel: channel('webhook'), notice }),
    ).toMatchObject({
      result: 'failed',
      detail: expect.stringContaining(`answered ${status}`),
    });
    expect(asked).toEqual(['POST /hook']);
  });

  it.each(['slack', 'pagerduty', 'webhook'] as const)(
    'of kind %s that answers with a page to log in has not taken it, whatever the status',
    async (kind) => {
      const page = '\n<!-- gate --><!DOCTYPE html>\n<title>Who are you?</title>';
      const server = createServer((_, response) => response.writeHead(kind === 'pagerduty' ? 202 : 200).end(page));
      server.listen(0, '127.0.0.1');
      await new Promise((resolve) => server.once('listening', resolve));
      close = () => void (server.closeAllConnections(), server.close());
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
      expect(
        await notifyActivities({ HUBSHIFT_TEST: url }).notify({ channel: channel(kind, url), notice }),
      ).toMatchObject({ result: 'failed', detail: expect.stringMatching(/^answered 20[02] with a page for people: /) });
    },
  );

  it('that refuses has failed, and is not tried again', async () => {
    const { url } = await receiver(403);
    expect(await notifyActivities({ HUBSHIFT_TEST: url }).notify({ channel: channel('slack'), notice })).toEqual({
      result: 'failed',
      detail: expect.stringMatching(/^answered 403: refused/),
    });
  });

  it.each([429, 500, 503])('that answers %i is tried again later', async (status) => {
    const { url } = await receiver(status);
    await expect(
      notifyActivities({ HUBSHIFT_TEST: url }).notify({ channel: channel('slack'), notice }),
    ).rejects.toMatchObject({
      type: 'ChannelBusy',
      nonRetryable: false,
      message: expect.stringContaining(`answered ${status}`),
    });
  });

  it('that was busy takes the same notice later', async () => {
    const { url, taken } = await receiver(429, 200);
    const { notify } = notifyActivities({ HUBSHIFT_TEST: url });
    await expect(notify({ channel: channel('slack'), notice })).rejects.toMatchObject({ type: 'ChannelBusy' });
    expect(await notify({ channel: channel('slack'), notice })).toEqual({ result: 'sent', detail: 'answered 200' });
    expect(taken.map(({ headers }) => headers['idempotency-key'])).toEqual([notice.id, notice.id]);
  });

  it.each([
    [429, '7', 7_000],
    [429, '1', 2_000],
    [503, '30', 30_000],
    [503, '86400', 60_000],
    [429, '0', undefined],
    [503, 'Wed, 21 Oct 2026 07:28:00 GMT', undefined],
  ])('that answers %i with Retry-After %s is tried again after %s ms', async (status, retryAfter, nextRetryDelay) => {
    const { url } = await receiver({ status, retryAfter });
    const busy = await notifyActivities({ HUBSHIFT_TEST: url })
      .notify({ channel: channel('slack'), notice })
      .catch((error: unknown) => error);
    expect(busy).toMatchObject({ type: 'ChannelBusy', nonRetryable: false, nextRetryDelay });
  });

  it('that always wants but a second is not asked more often than without that', async () => {
    const { url } = await receiver({ status: 429, retryAfter: '1' });
    const later = new MockActivityEnvironment({ attempt: 4 });
    const busy = await later
      .run(() => notifyActivities({ HUBSHIFT_TEST: url }).notify({ channel: channel('slack'), notice }))
      .catch((error: unknown) => error);
    expect(busy).toMatchObject({ type: 'ChannelBusy', nextRetryDelay: 54_000 });
  });

  it('that never answers is tried again later, and its URL is not told', async () => {
    const { url, taken } = await receiver('silence');
    const silent = await notifyActivities({ HUBSHIFT_TEST: url }, 200)
      .notify({ channel: channel('slack'), notice })
      .catch((error: unknown) => error);
    expect(silent).toMatchObject({
      type: 'ChannelBusy',
      nonRetryable: false,
      message: expect.stringContaining('time-out after 200 ms'),
    });
    expect((silent as Error).message).not.toMatch(/services|secret/);
    expect(taken).toHaveLength(1);
  });

  it.each([
    'hunter2',
    'ftp://127.0.0.1/hunter2',
    'http://127.0.0.1:99999/hunter2',
    'http://bob:hunter2@127.0.0.1/x',
    'http://127.0.0.1/a b/hunter2',
  ])('whose variable is %j says at once, without its value, that this is no URL to ask', async (secret) => {
    const said = await notifyActivities({ HUBSHIFT_TEST: secret }).notify({ channel: channel('slack'), notice });
    expect(said).toEqual({
      result: 'failed',
      detail: 'HUBSHIFT_TEST is no URL of http or https without a name and password in it',
    });
  });

  it('whose variable ends with a new line, as a file does, takes it', async () => {
    const { url, taken } = await receiver(200, 202);
    const told = (environment: NodeJS.ProcessEnv, to: ReturnType<typeof channel>) =>
      notifyActivities(environment).notify({ channel: to, notice });
    expect(await told({ HUBSHIFT_TEST: `${url}\n` }, channel('slack'))).toMatchObject({ result: 'sent' });
    expect(await told({ HUBSHIFT_TEST: ' key\r\n' }, channel('pagerduty', url))).toMatchObject({ result: 'sent' });
    expect(taken[1]?.body).toMatchObject({ routing_key: 'key' });
    expect(await told({ HUBSHIFT_TEST: '\n' }, channel('slack'))).toMatchObject({ result: 'off' });
  });

  it('that is dead, or answers with the secret, does not tell it', async () => {
    const { url } = await receiver(403);
    const { detail } = await notifyActivities({ HUBSHIFT_TEST: `${url}?token=hunter2` }).notify({
      channel: channel('slack'),
      notice,
    });
    const dead = await notifyActivities({ HUBSHIFT_TEST: 'http://127.0.0.1:1/services/hunter2' })
      .notify({ channel: channel('slack'), notice })
      .catch((error: Error) => error.message);
    for (const text of [detail, dead]) expect(text).not.toMatch(/hunter2|services/);
  });
});

describe('routes', () => {
  it('of the packaged plan are those that comms.level-1 to comms.level-3 ask for', () => {
    expect(
      Object.fromEntries(
        (['level-1', 'level-2', 'level-3'] as const).map((kind) => [
          kind,
          channelsFor(plan, kind).map(({ name, kind: of }) => `${name} (${of})`),
        ]),
      ),
    ).toEqual({
      'level-1': ['ops-alerts (slack)', 'dashboard (webhook)'],
      'level-2': ['ops-critical (slack)', 'pagerduty (pagerduty)'],
      'level-3': ['incident-response (slack)', 'leadership (slack)', 'pagerduty (pagerduty)'],
    });
  });

  it('of a test are all channels', () => expect(channelsFor(plan, 'test')).toEqual(plan.notify.channels));
});
