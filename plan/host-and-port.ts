// HOST:PORT, as settings have it; an IPv6 address stands in brackets.

/** Throws when it is none. */
export function hostAndPort(address: string, defaultPort: number): { host: string; port: number } {
  try {
    const { hostname, port } = new URL(`tcp://${address}`);
    return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || defaultPort) };
  } catch {
    throw new Error(`${address} is no HOST:PORT; an IPv6 address stands in brackets, as [::1]:${defaultPort}`);
  }
}
