// Percentiles of a few hundred samples, by nearest rank: each is a value that was measured.

export interface Percentiles {
  p50: number;
  p95: number;
  p99: number;
  max: number;
}

/** Rounded to hundredths; NaN is never given: no samples, all zero, so look at the number of samples first. */
export function percentiles(samples: number[]): Percentiles {
  const sorted = Float64Array.from(samples).sort();
  const rank = (percent: number) =>
    Math.round((sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? 0) * 100) / 100;
  return { p50: rank(50), p95: rank(95), p99: rank(99), max: rank(100) };
}
