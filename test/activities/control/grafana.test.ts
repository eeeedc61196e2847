// Annotations of Grafana: a point for what happens, a region for what lasts, each once, and the token in no text.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { notifyActivities } from '../../../activities/control/notify.ts';
import type { Notice } from '../../../plan/week/notice.ts';
import { type Grafana, fakeGrafana } from './fake-grafana.ts';

const token = 'glsa_hunter2';
const at = Date.UTC(2026, 6, 23, 10);
const minute = 60_000;
const begins: Notice = {
  id: '20260723-1000-ab12/incident-1/begin',
  kind: 'level-2',
  title: 'Level 2: <agent> & co',
  text: 'it fails',
  resolved: false,
  run: '20260723-1000-ab12',
  plan: 'week',
  at,
};
const ends: Notice = {
  ...begins,
  id: '20260723-1000-ab12/incident-1/end',
  title: 'incident-1: recovered',
  text: 'within its limit',
  resolved: true,
  since: at - 500,
  at: at + minute,
};
const tags = ['hubshift', 'plan:week', 'kind:level-2', 'about:20260723-1000-ab12/incident-1'];

let grafana: Grafana;
beforeEach(async () => void (grafana = await fakeGrafana(token)));
afterEach(() => grafana.close());

const tell = (notice: Notice, { url = grafana.url, secret = token, answerMs = 2_000 } = {}) =>
  notifyActivities({ HUBSHIFT_GRAFANA_TOKEN: secret }, answerMs).notify({
    channel: { name: 'boards', kind: 'grafana', secret: 'HUBSHIFT_GRAFANA_TOKEN', url },
    notice,
  });
const failure = (telling: Promise<unknown>) =>
  telling.then(
    () => undefined,
    (error: unknown) => error as Error,
  );

describe('what happens', () => {
  it('is a point with its text and its tags', async () => {
    expect(await tell(begins)).toEqual({ result: 'sent', detail: 'answered 200' });
    const text = 'Level 2: &lt;agent&gt; &amp; co\nit fails';
    expect(grafana.entries).toEqual([{ id: 1, time: at, timeEnd: at, text, tags }]);
  });

  it('becomes a region when it is over, with both texts', async () => {
    await tell(begins);
    expect(await tell(ends)).toMatchObject({ result: 'sent' });
    expect(grafana.entries).toMatchObject([
      { time: at, timeEnd: at + minute, text: expect.stringMatching(/it fails\nincident-1: recovered\nwithin its limit$/), tags },
    ]); // prettier-ignore
  });

  it('says what ends a wait', async () => {
    await tell({ ...begins, commands: ['hubshift resume --run <run>'] });
    expect(grafana.entries[0]!.text).toMatch(/\nit fails\nhubshift resume --run &lt;run&gt;$/);
  });

  it('says that whole, however long the rest is', async () => {
    const commands = [
      "hubshift retry 2A.check.restart --plan '/srv/a & b/plan.yaml' --run r",
      'hubshift ack held-1 --run r',
    ];
    await tell({ ...begins, text: '&'.repeat(10_000), commands });
    expect(grafana.entries[0]!.text).toMatch(
      /&amp;…\nhubshift retry .* '\/srv\/a &amp; b\/plan.yaml' --run r\nhubshift ack held-1 --run r$/,
    );
  });

  it('is a region though it is over unwell', async () => {
    await tell(begins);
    await tell({ ...ends, resolved: false });
    expect(grafana.entries).toMatchObject([{ time: at, timeEnd: at + minute }]);
  });

  it('is a region of its whole time though nobody could be told of its beginning', async () => {
    await tell(ends);
    expect(grafana.entries).toMatchObject([{ time: at - 500, timeEnd: at + minute, tags }]);
  });

  it('is beside others of the same run, of another one, and of before in the same matter', async () => {
    await tell(begins);
    await tell({ ...begins, id: '20260723-1000-ab12/incident-2/begin' });
    await tell({ ...begins, id: '20260724-1000-cd34/incident-1/begin' });
    await tell({ ...begins, at: at + 1 });
    await tell(ends);
    expect(grafana.entries.map(({ time, timeEnd }) => [time - at, timeEnd - at])).toEqual([
      [0, minute],
      [0, 0],
      [0, 0],
      [1, 1],
    ]);
  });

  it('stays within what Grafana takes', async () => {
    const name = 'n'.repeat(300);
    const long = { ...begins, plan: name, id: `${name}/${name}/begin`, text: 'x'.repeat(10_000) };
    expect(await tell(long)).toMatchObject({ result: 'sent' });
    expect(await tell({ ...long, id: `${name}/${name}/end`, at: at + minute, since: at })).toMatchObject({
      result: 'sent',
    });
    expect(grafana.entries).toMatchObject([{ time: at, timeEnd: at + minute }]);
  });

  it('is found again behind a path', async () => {
    const behind = await fakeGrafana(token, '/grafana');
    await tell(begins, { url: `${behind.url}/` });
    await tell(ends, { url: `${behind.url}/` });
    behind.close();
    expect(behind.entries).toMatchObject([{ timeEnd: at + minute }]);
    expect(behind.asked.at(-1)).toBe('PATCH /grafana/api/annotations/1');
  });
});

describe('what Grafana took without an answer', () => {
  it.each([
    ['a point', [begins], 1],
    ['the end of a region', [begins, ends], 1],
    ['a region', [ends], 1],
    ['a test', [{ ...begins, id: 'test-1/test/once', kind: 'test' as const, resolved: true }], 1],
  ])('is there once when it is told again: %s', async (_what, notices, count) => {
    const last = notices.pop()!;
    for (const notice of notices) await tell(notice);
    grafana.troubles.push('fine', 'no answer');
    expect(await failure(tell(last, { answerMs: 200 }))).toMatchObject({
      type: 'ChannelBusy',
      message: expect.stringContaining('time-out after 200 ms'),
    });
    const before = structuredClone(grafana.entries);
    expect(await tell(last)).toMatchObject({ result: 'sent' });
    expect(grafana.entries).toEqual(before);
    expect(before).toHaveLength(count);
  });
});

describe('a Grafana', () => {
  it('that does not know the token has failed, and is not tried again', async () => {
    expect(await tell(begins, { secret: 'glsa_other' })).toEqual({
      result: 'failed',
      detail: 'answered 401: {"message":"Invalid API key"}',
    });
  });

  it.each([301, 302, 307])('that answers %i, such as with its login page, has not taken it', async (status) => {
    grafana.troubles.push({ status, location: '/login' });
    expect(await tell(begins)).toMatchObject({ result: 'failed', detail: expect.stringContaining(`${status}`) });
    expect(grafana.asked).toEqual(['GET /api/annotations']);
    grafana.troubles.push('fine', { status, location: '/login' });
    expect(await tell(begins)).toMatchObject({ result: 'failed', detail: expect.stringContaining(`${status}`) });
  });

  it.each([429, 502, 503])('that answers %i is tried again later', async (status) => {
    grafana.troubles.push({ status });
    expect(await failure(tell(begins))).toMatchObject({ type: 'ChannelBusy', nonRetryable: false });
    expect(await tell(begins)).toMatchObject({ result: 'sent' });
  });

  it('that is something else, which answers 200 to all, is told from one', async () => {
    const other = createServer((_request, response) => response.end('<html>welcome</html>')).listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    const said = await failure(tell(begins, { url }));
    other.close();
    expect(said).toMatchObject({ nonRetryable: true, message: expect.stringMatching(/url is Grafana's$/) });
  });

  it('that is dead, or whose token is none, does not tell it', async () => {
    const dead = await failure(tell(begins, { url: 'http://127.0.0.1:1' }));
    const torn = await failure(tell(begins, { secret: 'glsa_\nhunter2' }));
    const tornTwice = await failure(tell(begins, { secret: 'glsa_\nhunter2\n' }));
    for (const said of [dead, torn, tornTwice]) {
      expect(said).toMatchObject({ type: 'ChannelBusy' });
      expect(said!.message).not.toMatch(/hunter2/);
    }
  });
});
