// Durations and sizes: what people may write, and how Prometheus and people read them.
import { describe, expect, it } from 'vitest';
import { Duration, humanDuration, promDuration, Size } from '../../../plan/schema/duration.ts';

describe('a duration', () => {
  it.each([
    ['500ms', 500],
    ['15s', 15_000],
    ['1.5s', 1_500],
    ['5m', 300_000],
    ['168h', 604_800_000],
    ['7d', 604_800_000],
  ])('%s is %i ms', (text, milliseconds) => {
    expect(Duration.parse(text)).toBe(milliseconds);
  });

  it.each([['15'], ['-5s'], ['0s'], ['5 m'], ['5min'], ['1h30m'], ['']])('"%s" is refused', (text) => {
    expect(Duration.safeParse(text).success).toBe(false);
  });

  it('without quotes and unit is refused with an example of what is wanted', () => {
    expect(Duration.safeParse(15).error?.issues[0]?.message).toContain('such as 15s');
  });
});

describe('a size', () => {
  it.each([
    ['512B', 512],
    ['4KiB', 4096],
    ['512MiB', 536_870_912],
    ['1GiB', 1_073_741_824],
  ])('%s is %i bytes', (text, bytes) => {
    expect(Size.parse(text)).toBe(bytes);
  });

  it.each([['1GB'], ['1'], ['1.5GiB'], ['-1KiB']])('"%s" is refused', (text) => {
    expect(Size.safeParse(text).success).toBe(false);
  });
});

describe('spelling a duration', () => {
  it.each([
    [15_000, '15s'],
    [1_500, '1500ms'],
    [300_000, '300s'],
    [30, '30ms'],
  ])('%i ms for Prometheus is %s', (milliseconds, text) => {
    expect(promDuration(milliseconds)).toBe(text);
    expect(Duration.parse(text)).toBe(milliseconds);
  });

  it.each([
    [30, '30ms'],
    [1_500, '1.5s'],
    [59_000, '59s'],
    [300_000, '5m'],
    [7_200_000, '2h'],
    [86_400_000, '24h'],
    [3_725_000, '1h 2m 5s'],
  ])('%i ms for people is %s', (milliseconds, text) => {
    expect(humanDuration(milliseconds)).toBe(text);
  });
});
