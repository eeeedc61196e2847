// Addresses: how they are spelt, and where a name leads to. Pure.

/** Those of its family are all the one that is wanted, for any may be dialled; `also` are others that are as good. */
export function leadThere(found: string[], wanted: string, also: (address: string) => boolean): boolean {
  const isRight = (one: string) => spelt(one) === spelt(wanted) || also(one);
  const ofFamily = found.filter((one) => isIPv6(one) === isIPv6(wanted));
  return ofFamily.every(isRight) && found.some(isRight);
}

export function isLoopback(address: string): boolean {
  return /^(?:127\.|\[::1\]$)/.test(spelt(address));
}

/** What stands for all of a machine's addresses, as Docker and Linux say it. */
export function isEveryInterface(address: string): boolean {
  return ['', '0.0.0.0', '[::]'].includes(spelt(address));
}

/** IPv6 has several spellings of one, and one for each of IPv4. */
export function spelt(address: string): string {
  if (!address.includes(':')) return address;
  const { hostname } = new URL(`http://[${address.split('%')[0]}]/`);
  const [, high, low] = /^\[::ffff:([\da-f]+):([\da-f]+)\]$/.exec(hostname) ?? [];
  if (high === undefined || low === undefined) return hostname;
  return [high, low].flatMap((part) => [Number.parseInt(part, 16) >> 8, Number.parseInt(part, 16) & 255]).join('.');
}

function isIPv6(address: string): boolean {
  return spelt(address).includes(':');
}
