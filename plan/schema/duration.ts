// Durations and sizes as people write them in a plan: "5m", "24h", "168h", "1GiB". Everything inside is milliseconds or bytes.
import ms, { type StringValue } from 'ms';
import { z } from 'zod';

const units: Record<string, number> = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };

/** "90s", "5m", "24h", "7d" to milliseconds. Refuses zero, negative and bare numbers, so that no unit is ever guessed. */
export const Duration = z
  .string({ error: 'a duration with a unit, such as 15s, 5m or 24h' })
  .regex(/^\d+(\.\d+)?(ms|s|m|h|d)$/, 'a duration with a unit, such as 500ms, 15s, 5m, 24h or 7d')
  .transform((text) => ms(text as StringValue))
  .refine((value) => value > 0, 'a duration above zero');

/** "512MiB", "1GiB" to bytes. */
export const Size = z
  .string({ error: 'a size with a unit, such as 512MiB or 1GiB' })
  .regex(/^\d+(B|KiB|MiB|GiB)$/, 'a size with a unit, such as 512MiB or 1GiB')
  .transform((text) => {
    const [, count = '0', unit = 'B'] = /^(\d+)(\w+)$/.exec(text) ?? [];
    return Number(count) * (units[unit] ?? 1);
  });

/** Milliseconds in Prometheus' own spelling, which has no fractions: 15000 → "15s", 1500 → "1500ms". */
export function promDuration(milliseconds: number): string {
  return milliseconds % 1000 === 0 ? `${milliseconds / 1000}s` : `${milliseconds}ms`;
}

/** As Prometheus says them: "5m", "1h30m", "15d" → ms. */
export function promMs(text: string): number {
  const units: Record<string, number> = {
    ms: 1,
    s: 1000,
    m: 60_000,
    h: 3_600_000,
    d: 86_400_000,
    w: 604_800_000,
    y: 31_536_000_000,
  };
  return [...text.matchAll(/(\d+)(ms|[smhdwy])/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (units[unit ?? ''] ?? 0),
    0,
  );
}

/** Milliseconds for people: 300000 → "5m", 7200000 → "2h", 1500 → "1.5s". */
export function humanDuration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)}ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 60) return `${Number(seconds.toFixed(1))}s`;
  const whole = Math.round(seconds);
  const parts: [number, string][] = [
    [Math.floor(whole / 3600), 'h'],
    [Math.floor((whole % 3600) / 60), 'm'],
    [whole % 60, 's'],
  ];
  return parts
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count}${unit}`)
    .join(' ');
}

/** Bytes for people: 2147483648 → "2 GiB", 1610612736 → "1.5 GiB". */
export function humanSize(bytes: number): string {
  const [unit = 'B', size = 1] =
    Object.entries(units)
      .reverse()
      .find(([, size]) => bytes >= size) ?? [];
  return `${Number((bytes / size).toFixed(1))} ${unit}`;
}

/** A moment (Unix milliseconds) for people: `2026-07-23 14:05:09 UTC`. */
export function utc(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
