// Addresses: how they are spelt, and where a name leads to. Pure.

/** Those of its family are all the one that is wanted, for any may be dialled; `also` are others that are as good. */
export function leadThere(found: string[], wanted: string, also: (address: string) => boolean): boolean {
  const isRight = (one: string) => spelt(one) === spelt(wanted) || also(one);
  const ofFamily = found.filter((one) => one.includes(':') === wanted.includes(':'));
  return ofFamily.every(isRight) && found.some(isRight);
}

export function isLoopback(address: string): boolean {
  return /^(?:127\.|::1$)/.test(address);
}

/** What stands for all of a machine's addresses, as Docker and Linux say it. */
export function isEveryInterface(address: string): boolean {
  return ['', '0.0.0.0', '[::]'].includes(spelt(address));
}

/** IPv6 has several spellings of one. */
export function spelt(address: string): string {
  return address.includes(':') ? new URL(`http://[${address.split('%')[0]}]/`).hostname : address;
}
