// Latencies as HdrHistograms: those of many slices add up to one, without keeping samples.
import { build, decodeFromCompressedBase64, encodeIntoCompressedBase64, type Histogram as Hdr } from 'hdr-histogram-js';
import type { Histogram } from '../../plan/evidence/measured.ts';

/** What takes longer counts as this: a minute, in microseconds. One that resizes itself loses that when it is encoded. */
const highest = 60_000_000;

/** Microseconds, with two significant digits: an error of at most 1 %. */
export function histogram(soFar: Histogram | null | undefined): Hdr {
  return soFar
    ? decodeFromCompressedBase64(soFar.encoded)
    : build({
        bitBucketSize: 64,
        lowestDiscernibleValue: 1,
        highestTrackableValue: highest,
        numberOfSignificantValueDigits: 2,
      });
}

export function recordMs(into: Hdr, milliseconds: number): void {
  into.recordValue(Math.min(highest, Math.max(1, Math.round(milliseconds * 1_000))));
}

export function encoded(hdr: Hdr): Histogram | null {
  if (hdr.totalCount === 0) return null;
  const ms = (percent: number) => Math.round(hdr.getValueAtPercentile(percent) / 10) / 100;
  return {
    encoded: encodeIntoCompressedBase64(hdr),
    count: hdr.totalCount,
    p50: ms(50),
    p95: ms(95),
    p99: ms(99),
    max: Math.round(hdr.maxValue / 10) / 100,
  };
}
