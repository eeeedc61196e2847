// Versions of the programs that the week talks to: what they say of themselves, and the oldest that knows what it is told.
import { isPlainLabel } from './promql.ts';

export interface Oldest {
  version: string;
  /** What older ones lack. */
  lacks: string;
}

/** Where EdgeHub's labels have names that only newer ones take, in whichever hub they are. */
export function ofLabels({ externalLabels }: { externalLabels: Record<string, string> }): Oldest | undefined {
  const odd = Object.keys(externalLabels).find((name) => !isPlainLabel(name));
  return odd === undefined
    ? undefined
    : { version: '3.0', lacks: `label ${odd}, but names of letters, digits and "_"` };
}

/** The first version in what a program says of itself: "prometheus, version 2.53.1 (branch …", "nats-server: v2.10.4". Null where none is. */
export function versionIn(text: string): string | null {
  return /(?:version|:)\s+v?(\d+\.\d+(?:\.\d+)?)/i.exec(text)?.[1] ?? null;
}

export function isOlder(version: string, than: string): boolean {
  const [[major, minor], [oldest, lesser]] = [numbersOf(version), numbersOf(than)];
  return major < oldest || (major === oldest && minor < lesser);
}

function numbersOf(version: string): [major: number, minor: number] {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(version) ?? [];
  return [Number(major ?? 0), Number(minor ?? 0)];
}

/** Undefined where it will do. */
export function tooOld(what: string, version: string, { version: oldest, lacks }: Oldest): string | undefined {
  return isOlder(version, oldest)
    ? `${what} is ${version}, and the week needs ${oldest} or newer: older ones have no ${lacks}`
    : undefined;
}
