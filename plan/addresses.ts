// Addresses that a name leads to. Pure.

/** Those of its family are all the one that is wanted, for any may be dialled. A machine may know itself by a loopback address. */
export function leadThere(found: string[], wanted: string, isItself: boolean): boolean {
  const isRight = (one: string) => spelt(one) === spelt(wanted) || (isItself && /^(?:127\.|::1$)/.test(one));
  const ofFamily = found.filter((one) => one.includes(':') === wanted.includes(':'));
  return ofFamily.every(isRight) && found.some(isRight);
}

/** IPv6 has several spellings of one. */
export function spelt(address: string): string {
  return address.includes(':') ? new URL(`http://[${address.split('%')[0]}]/`).hostname : address;
}
