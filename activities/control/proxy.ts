// The way out of the house: the proxy that the environment names, read as curl reads it. For notices alone: nothing that measures goes this way.
import { BlockList, isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import { undici } from '../http/undici.ts';

/** A proxy for one URL. */
export interface Proxy {
  /** The variable that names it, which may be told; its value may hold a password. */
  variable: string;
  /** Without name and password. */
  url: string;
  /** The header that it wants, if any. */
  token?: string;
  /** Parts of it that no text may have. */
  secrets: string[];
}

/** undefined: straight there. Throws where the variable has no URL of a proxy, without its value. */
export function proxyFor(environment: NodeJS.ProcessEnv, to: string): Proxy | undefined {
  const { protocol, hostname, port } = new URL(to);
  const scheme = protocol.slice(0, -1);
  const [variable, value] = firstSet(environment, `${scheme}_proxy`, 'all_proxy');
  if (!value || isExcept(firstSet(environment, 'no_proxy')[1], hostname, port || (scheme === 'http' ? '80' : '443')))
    return undefined;
  try {
    const url = new URL(value.includes('://') ? value : `http://${value}`);
    // Behind the host there is nothing: where "#", "?" or "/" of a password is not encoded, what is before it would be taken for the host.
    const isBare = url.pathname === '/' && url.search === '' && url.hash === '';
    if (!/^https?:$/.test(url.protocol) || !isBare) throw new Error('of no use here');
    const [name, password] = [url.username, url.password].map(decodeURIComponent) as [string, string];
    const known = Buffer.from(`${name}:${password}`).toString('base64');
    // A name alone may be a token.
    const words = password ? [password, url.password] : [name, url.username];
    const secrets = [value, ...words, ...(name ? [known] : [])].filter(Boolean);
    return { variable, url: url.origin, secrets, ...(name && { token: `Basic ${known}` }) };
  } catch {
    throw new Error(
      `${variable} is no URL of a proxy: http://HOST:PORT or https://HOST:PORT, a name and password in it percent-encoded`,
    );
  }
}

/** The lower case of each comes first; one that is empty is none. */
function firstSet(environment: NodeJS.ProcessEnv, ...names: string[]): [variable: string, value: string] {
  const variables = names.flatMap((name) => [name, name.toUpperCase()]);
  const set = variables.map((one) => [one, environment[one]?.trim() ?? ''] as [string, string]);
  return set.find(([, value]) => value) ?? ['', ''];
}

/** Names stand for what is below them, too; addresses may be a range; either may have a port. "*" is everything. */
function isExcept(list: string, host: string, port: string): boolean {
  if (list === '*') return true;
  const name = host.replace(/^\[|\]$|\.$/g, '');
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .filter(Boolean)
    .some((entry) => {
      // What does not fit is an address of IPv6, or a range, without brackets.
      const [, inBrackets, bare, at = port] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d+))?$/.exec(entry) ?? [];
      const of = inBrackets ?? bare ?? entry;
      const below = domainToASCII(of.replace(/^\*?\.|\.$/g, ''));
      const isMeant = isIP(name) ? covers(of, name) : below !== '' && `.${name}`.endsWith(`.${below}`);
      return isMeant && at === port;
    });
}

function covers(range: string, address: string): boolean {
  const [from = '', bits] = range.split('/');
  if (isIP(from) === 0 || isIP(from) !== isIP(address)) return false;
  const [family, all] = isIP(from) === 6 ? (['ipv6', 128] as const) : (['ipv4', 32] as const);
  if (bits !== undefined && !/^\d+$/.test(bits)) return false;
  const length = Number(bits ?? all);
  if (length > all) return false;
  const list = new BlockList();
  list.addSubnet(from, length, family);
  return list.check(address, family);
}

/** Runs what asks through it. Text of http is handed to it as it is, as proxies of http expect; all else goes through a tunnel. */
export async function through<T>({ url, token }: Proxy, ask: (by: typeof fetch) => Promise<T>): Promise<T> {
  const { ProxyAgent, fetch: asked } = await undici();
  const dispatcher = new ProxyAgent({ uri: url, proxyTunnel: false, ...(token && { token }) });
  const by = (to: string, init: object) => asked(to, { ...init, dispatcher });
  try {
    return await ask(by as unknown as typeof fetch);
  } finally {
    await dispatcher.destroy();
  }
}
