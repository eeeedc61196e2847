// Which proxy a notice goes through, if any.
import { describe, expect, it } from 'vitest';
import { without } from '../../../activities/http/without.ts';
import { proxyFor } from '../../../activities/control/proxy.ts';

describe('a proxy', () => {
  const of = (environment: NodeJS.ProcessEnv, to: string) => proxyFor(environment, to)?.variable;

  it('is that of the scheme, the lower case first, and else that of all; an empty one is none', () => {
    const both = { HTTPS_PROXY: 'http://a', HTTP_PROXY: 'http://b' };
    expect(of(both, 'https://x/')).toBe('HTTPS_PROXY');
    expect(of(both, 'http://x/')).toBe('HTTP_PROXY');
    expect(of({ HTTP_PROXY: 'http://b' }, 'https://x/')).toBeUndefined();
    expect(of({ ...both, https_proxy: 'http://c' }, 'https://x/')).toBe('https_proxy');
    expect(of({ ...both, https_proxy: ' ' }, 'https://x/')).toBe('HTTPS_PROXY');
    const all = { all_proxy: 'http://d', ALL_PROXY: 'http://e' };
    for (const to of ['http://x/', 'https://x/']) {
      expect(of(all, to)).toBe('all_proxy');
      expect(of({ ...all, all_proxy: '' }, to)).toBe('ALL_PROXY');
      expect(of({ ...all, NO_PROXY: 'x' }, to)).toBeUndefined();
      expect(of({ https_proxy: '', HTTP_PROXY: '', all_proxy: '' }, to)).toBeUndefined();
    }
    expect(of({ ...both, ...all }, 'https://x/')).toBe('HTTPS_PROXY');
  });

  it.each([
    ['http://hunter2@proxy', 'http://hunter2@proxy:80'],
    ['http://hunter%202@proxy', 'hunter 2'],
    ['http://site:hunter2@proxy', 'hunter2'],
  ])('leaves no secret of %s in what is told', (value, said) => {
    const { secrets } = proxyFor({ HTTP_PROXY: value }, 'http://x/')!;
    expect(without(secrets, `no ${said}, nor hunter2 of site`)).not.toContain(said);
  });

  it('is asked for loopback too, unless it is told otherwise', () =>
    expect(of({ HTTP_PROXY: 'http://b' }, 'http://localhost/')).toBe('HTTP_PROXY'));

  it.each([
    ['*', 'http://x/', true],
    ['example.org', 'http://example.org/', true],
    ['example.org', 'http://Hooks.Example.org./', true],
    ['.example.org', 'http://hooks.example.org/', true],
    ['*.example.org', 'http://hooks.example.org/', true],
    ['example.org', 'http://badexample.org/', false],
    ['a, example.org\tb', 'https://example.org/', true],
    ['example.org:443', 'https://example.org/', true],
    ['example.org:8443', 'https://example.org/', false],
    ['10.0.0.0/8', 'http://10.1.2.3/', true],
    ['10.0.0.0/8', 'http://11.1.2.3/', false],
    ['10.0.0.0/99', 'http://10.1.2.3/', false],
    ['10.0.0.0/8', 'http://10.example.org/', false],
    ['127.0.0.1:80', 'http://127.0.0.1/', true],
    ['::1', 'http://[::1]/', true],
    ['[::1]:8080', 'http://[::1]:8080/', true],
    ['[::1]:8080', 'http://[::1]/', false],
    ['fd00::/8', 'http://[fd00::5]/', true],
    ['10.0.0.0/', 'http://11.1.2.3/', false],
    ['10.0.0.0/ 8', 'http://11.1.2.3/', false],
    ['::/', 'http://[fd00::5]/', false],
    ['10.0.0.0/-1', 'http://10.1.2.3/', false],
    ['10.0.0.0/0', 'http://11.1.2.3/', true],
    ['größe.example', 'https://hooks.größe.example/', true],
    ['.GRÖSSE.example', 'https://grösse.example/', true],
    [',', 'http://x/', false],
    ['.', 'http://x/', false],
  ])('is not asked where NO_PROXY is %j and it goes to %s: %s', (no_proxy, to, isExcept) =>
    expect(of({ http_proxy: 'b', https_proxy: 'b', no_proxy }, to) === undefined).toBe(isExcept),
  );

  it.each([
    'http://user:12#3@proxy:8080',
    'http://user:12?3@proxy:8080',
    'http://ops:2026/Winter@proxy:3128',
    'ops:2026\\Winter@proxy:3128',
    'http://proxy:3128/path',
  ])('is not what stands before an unencoded part of its password: %s', (https_proxy) =>
    expect(() => of({ https_proxy }, 'https://x/')).toThrow(
      /^https_proxy is no URL of a proxy: http:\/\/HOST:PORT or https:\/\/HOST:PORT, a name and password in it percent-encoded$/,
    ),
  );

  it('may end with a slash', () =>
    expect(proxyFor({ https_proxy: 'http://b%23:c@proxy:3128/' }, 'https://x/')).toMatchObject({
      url: 'http://proxy:3128',
    }));
});
