// What agents show: local servers that answer, are unwell, wrong or gone.
import { describe, expect, it } from 'vitest';
import { agentActivities } from '../../../activities/agents/agents.ts';
import { valueAt } from '../../../activities/http/json.ts';
import { ledgerOf } from '../../../activities/ledger/ledger.ts';
import { undo } from '../../../activities/undo/undo.ts';
import { serve } from '../local-server.ts';
import { temporaryMachine } from '../machine.ts';

async function activities() {
  const host = await temporaryMachine();
  return agentActivities(host, ledgerOf(host, undo));
}

describe('shown', () => {
  it('waits until the value is one of those wanted', async () => {
    const agents = await activities();
    let active = 'primary';
    const { url } = await serve((_request, response) => response.end(JSON.stringify({ hubs: { active } })));
    const found = agents.shown({ url, pointer: '/hubs/active', want: ['fallback', 'central'], withinMs: 5_000 });
    setTimeout(() => (active = 'fallback'), 100);
    expect(await found).toMatchObject({ found: true, value: 'fallback' });
  });

  it('gives the last value when it is never the one wanted', async () => {
    const agents = await activities();
    const { url } = await serve((_request, response) => response.end('{"n": 3}'));
    expect(await agents.shown({ url, pointer: '/n', want: ['4'], withinMs: 100 })).toMatchObject({
      found: false,
      value: 3,
    });
    expect(await agents.shown({ url, pointer: '/n', want: ['3'], withinMs: 100 })).toMatchObject({
      found: true,
      value: 3,
    });
    expect(await agents.shown({ url, pointer: '/none', withinMs: 100 })).toMatchObject({
      found: false,
      value: null,
      error: expect.stringContaining('shows nothing at /none'),
    });
  });

  it('takes any answer of 2xx where that is enough, and waits for no value', async () => {
    const agents = await activities();
    let status = 503;
    const { url } = await serve((_request, response) => response.writeHead(status).end('fine'));
    const ask = { url, pointer: '/status', orAnswers: true, withinMs: 5_000 };
    const found = agents.shown(ask);
    setTimeout(() => (status = 204), 100);
    expect(await found).toMatchObject({ found: false, value: null, answers: true });
    expect((await agents.shown(ask)).waitedMs).toBeLessThan(2_000);
    status = 503;
    expect(await agents.shown({ ...ask, withinMs: 100 })).toMatchObject({
      answers: false,
      error: expect.stringContaining('answered 503'),
    });
  });

  it('tells no secret of a page, but whether it matches', async () => {
    const agents = await activities();
    const page = { auth: { token: 'hunter2', pins: 3 }, hub: 'http://bob:hunter2@PC2', user: 'bob' };
    const { url } = await serve((_request, response) => response.end(JSON.stringify(page)));
    const whole = await agents.shown({ url, pointer: '/', withinMs: 100 });
    expect(JSON.stringify(whole)).not.toContain('hunter2');
    expect(whole).toMatchObject({ found: true, value: { user: 'bob' } });
    expect(whole).not.toHaveProperty('matches');
    for (const [matches, fits] of [
      ['^hunter\\d$', true],
      ['^\\d+$', false],
    ] as const)
      expect(await agents.shown({ url, pointer: '/auth/token', matches, withinMs: 100 })).toMatchObject({
        found: true,
        value: expect.stringMatching(/^\[secret#/),
        matches: fits,
      });
    expect(await agents.shown({ url, pointer: '/auth/token', want: ['hunter2'], withinMs: 100 })).toMatchObject({
      found: true,
    });
  });

  it('posts a body, and reads the state of an agent that says it is unwell', async () => {
    const agents = await activities();
    const { url } = await serve(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += String(chunk);
      response.writeHead(503).end(JSON.stringify({ method: request.method, got: JSON.parse(body) }));
    });
    expect(await agents.shown({ url, pointer: '/', method: 'POST', body: { text: 'x' }, withinMs: 100 })).toMatchObject(
      { found: true, value: { method: 'POST', got: { text: 'x' } }, error: expect.stringContaining('503') },
    );
  });

  it('is data, not an error, when nobody answers or the answer is not JSON', async () => {
    const agents = await activities();
    const { url, server } = await serve((_request, response) => response.end('hello'));
    expect(await agents.shown({ url, pointer: '/a', withinMs: 50 })).toMatchObject({ found: false, value: null });
    server.close();
    server.closeAllConnections();
    expect(await agents.shown({ url, pointer: '/a', withinMs: 50 })).toMatchObject({
      found: false,
      value: null,
      error: expect.stringContaining('ECONNREFUSED'),
    });
  });
});

it('a JSON pointer finds what RFC 6901 says, and "/" is the whole document', () => {
  const document = { a: { 'b/c': [10, { '~': 1 }] }, n: null };
  expect(valueAt(document, '/a/b~1c/0')).toBe(10);
  expect(valueAt(document, '/a/b~1c/1/~0')).toBe(1);
  expect(valueAt(document, '/n')).toBeNull();
  expect(valueAt(document, '/')).toBe(document);
  expect(valueAt(document, '/a/none/deeper')).toBeUndefined();
  expect(valueAt(document, '/a/constructor')).toBeUndefined();
});
