// Shares of weeks, with the interval in which they are.

const z = 1.959964;

/** Wilson's 95 % interval of a share. */
export function wilson(found: number, of: number): { low: number; high: number } {
  if (of === 0) return { low: 0, high: 1 };
  const share = found / of;
  const middle = share + z ** 2 / (2 * of);
  const half = z * Math.sqrt((share * (1 - share)) / of + z ** 2 / (4 * of ** 2));
  const scale = 1 + z ** 2 / of;
  // Of none, and of all, one end is exact.
  return { low: found === 0 ? 0 : (middle - half) / scale, high: found === of ? 1 : (middle + half) / scale };
}

/** Two significant digits are what there is to know. */
export function percent(share: number): string {
  return share === 0 ? '0' : String(Number((100 * share).toPrecision(2)));
}

export function withInterval(found: number, of: number): string {
  const { low, high } = wilson(found, of);
  return `${percent(found / of)} % (${percent(low)} to ${percent(high)})`;
}
