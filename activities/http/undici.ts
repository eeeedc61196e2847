// undici, for what Node's own fetch can't be told: a proxy, certificates.

/** Node's own comes first: what is loaded first serves Node's fetch as well, which is to stay as it is. */
export function undici() {
  new Headers();
  return import('undici');
}
