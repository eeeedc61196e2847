// In what a Prometheus' file seems to differ from what it runs, which it shows with its defaults, without secrets, and in a spelling of its own.
import { settingsOf } from './document.ts';

/** What it never fills in by itself: there it is from its file, as is all that stands in labels and parameters. */
const fromFiles = /(_configs|_files|^remote_read|^remote_write|^targets|^params|^alertmanagers|labels)$/;
const units: Record<string, number> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000,
};

/**
 * Paths of settings in which the file seems to differ from what is loaded: a help for people who look, since it can't tell a setting that is gone from
 * one that was never there, nor every spelling. Values are not shown, since some are secrets. Throws UneditableYaml.
 */
export function notAsLoaded(file: string, loaded: string): string[] {
  return differing('', settingsOf(file), settingsOf(loaded));
}

function differing(path: string, file: unknown, loaded: unknown): string[] {
  if (isMap(file) && isMap(loaded)) {
    const keys = Object.keys(file).filter((key) => key in loaded || !isEmpty(file[key]));
    const more = Object.keys(loaded).filter((key) => !(key in file) && isFromFile(path, key) && !isEmpty(loaded[key]));
    return [...keys, ...more].flatMap((key) => differing(path ? `${path}.${key}` : key, file[key], loaded[key]));
  }
  if (Array.isArray(file) && Array.isArray(loaded) && file.length === loaded.length)
    return file.flatMap((one, index) => differing(`${path}[${nameOf(one) ?? index}]`, one, loaded[index]));
  return isSame(path, file, loaded) ? [] : [path];
}

function isFromFile(path: string, key: string): boolean {
  return fromFiles.test(key) || /(labels|params)$/.test(path);
}

function isSame(path: string, file: unknown, loaded: unknown): boolean {
  const [a, b] = [`${file as string}`, `${loaded as string}`];
  if (isMap(file) || isMap(loaded) || Array.isArray(file) || Array.isArray(loaded))
    return isEmpty(file) && isEmpty(loaded);
  if (loaded === undefined) return /^(n|no|off)$/i.test(a);
  // A secret, and what comes from the environment, are not shown as they are written; nor is a password in a URL.
  if (b === '<secret>' || (path.includes('external_labels') && a.includes('$'))) return true;
  if (b.includes(':xxxxx@')) return a.replace(/:[^:/@]*@/, ':xxxxx@') === b;
  if (typeof loaded === 'boolean') return /^(y|yes|on|true)$/i.test(a) === loaded;
  return a === b || amountOf(a) === amountOf(b) || b.endsWith(`/${a.replace(/^\.\//, '')}`);
}

/** A number, or the amount of something such as 1h30m or 10MiB: its units of bytes are all of 1,024. */
function amountOf(text: string): number {
  const parts = [...text.matchAll(/([\d.]+)(ms|[smhdwy]|[KMGTPE]?i?B)/g)];
  const isAll = parts.length > 0 && parts.reduce((all, [part]) => all + part.length, 0) === text.length;
  return isAll ? parts.reduce((all, [, n, unit = '']) => all + Number(n) * unitOf(unit), 0) : Number(text);
}

function unitOf(unit: string): number {
  return units[unit] ?? 1_024 ** ' KMGTPE'.indexOf(unit.length > 1 ? unit.charAt(0) : ' ');
}

function nameOf(item: unknown): string | undefined {
  const name = isMap(item) ? item['job_name'] : undefined;
  return typeof name === 'string' ? name : undefined;
}

/** Left out where it is shown. */
function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (isMap(value)) return Object.values(value).every(isEmpty);
  return value === undefined || value === null || value === '' || value === false || value === 0;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
