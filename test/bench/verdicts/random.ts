// Numbers drawn from a seed: the same seed and name give the same numbers, whoever else draws.

export interface Random {
  /** From 0 to below 1. */
  next(): number;
  between(low: number, high: number): number;
  /** Between as well, each order of magnitude alike. */
  logBetween(low: number, high: number): number;
  chance(share: number): boolean;
  normal(): number;
  exponential(mean: number): number;
  /** How many of something that comes so often on average. */
  count(mean: number): number;
  pick<T>(of: readonly T[]): T;
}

export function randomOf(seed: number, name: string): Random {
  const next = sfc32(seed, name);
  let spare: number | null = null;
  const between = (low: number, high: number) => low + (high - low) * next();
  const exponential = (mean: number) => -mean * Math.log(1 - next());
  return {
    next,
    between,
    logBetween: (low, high) => low * (high / low) ** next(),
    chance: (share) => next() < share,
    /** Box and Muller: two at a time. */
    normal() {
      if (spare !== null) {
        const other = spare;
        spare = null;
        return other;
      }
      const radius = Math.sqrt(-2 * Math.log(1 - next()));
      const angle = 2 * Math.PI * next();
      spare = radius * Math.sin(angle);
      return radius * Math.cos(angle);
    },
    exponential,
    count(mean) {
      let events = 0;
      for (let time = exponential(1); time < mean; time += exponential(1)) events += 1;
      return events;
    },
    pick: (of) => of[Math.floor(next() * of.length)]!,
  };
}

/** Chris Doty-Humphrey's sfc32, which passes PractRand; its state is filled by FNV-1a of the name. */
function sfc32(seed: number, name: string): () => number {
  let hash = 0x811c9dc5 ^ seed;
  for (const character of name) hash = Math.imul(hash ^ character.codePointAt(0)!, 0x01000193);
  let [a, b, c, counter] = [hash | 0, seed | 0, hash ^ 0x9e3779b9, 1];
  const next = () => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    c |= 0;
    return (sum >>> 0) / 2 ** 32;
  };
  // The first ones are too like each other.
  for (let draw = 0; draw < 15; draw += 1) next();
  return next;
}
