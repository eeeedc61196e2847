// That no spelling of a channel's secret is told.
import { describe, expect, it } from 'vitest';
import { without } from '../../../activities/http/without.ts';

const secret = 'https://hooks.example/webhook/5a3f-77aa-90bc?to=ops&key=c%C3%A4sar%2Fbrutus';

describe('without the URL of a webhook is', () => {
  it.each([
    ['its path alone', 'no /webhook/5a3f-77aa-90bc here'],
    ['its path without the slash', 'The requested webhook "POST 5a3f-77aa-90bc" is not registered'],
    ['JSON with escaped slashes', String.raw`{"error":"no \/webhook\/5a3f-77aa-90bc"}`],
    ['a path in a query', 'see /login?next=%2Fwebhook%2F5a3f-77aa-90bc'],
    ['a value of its query', 'key c%C3%A4sar%2Fbrutus is unknown'],
    ['such a value decoded', 'key cäsar/brutus is unknown'],
    ['such a value decoded, in JSON', String.raw`{"key":"cäsar\/brutus"}`],
    ['the whole', `POST ${secret} failed`],
    ['the whole, encoded', `next=${encodeURIComponent(secret)}`],
  ])('%s', (_, text) => {
    expect(without([secret], text)).not.toMatch(/5a3f|77aa|90bc|sar|brutus/);
    expect(without([secret], text)).toContain('…');
  });

  it('what is no part of it', () => expect(without([secret], 'no hook: ops, webhook')).toBe('no hook: ops, webhook'));
});

it('a token is taken out as well where JSON escapes it', () =>
  expect(without(['a"b/c'], String.raw`got a"b/c, "a\"b/c" and "a\"b\/c"`)).toBe('got …, "…" and "…"'));

it('what only looks percent-encoded is taken out as it is', () =>
  expect(without(['https://hooks.example/%zz%zz%zz'], 'no %zz%zz%zz')).toBe('no …'));

it('the slash of a URL without a path is no secret, however it is spelled', () =>
  expect(without(['https://hooks.example'], String.raw`a/b \/ %2F`)).toBe(String.raw`a/b \/ %2F`));

it('the port of a proxy without a scheme may be told', () =>
  expect(without(['proxy:3128'], 'connect ECONNREFUSED 10.0.0.1:3128')).toMatch(/10\.0\.0\.1:3128$/));
