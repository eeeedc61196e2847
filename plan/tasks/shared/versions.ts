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

/** Where a program states nothing else: "2.45.0", "v2.45.0". Null for what is none: builds of one's own state what they were told, or nothing. */
export function stated(version: string): string | null {
  return /^v?(\d+\.\d+)/i.exec(version.trim())?.[1] ?? null;
}

export function isOlder(version: string, than: string): boolean {
  const [[major, minor], [oldest, lesser]] = [numbersOf(version), numbersOf(than)];
  return major < oldest || (major === oldest && minor < lesser);
}

function numbersOf(version: string): [major: number, minor: number] {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(version) ?? [];
  return [Number(major ?? 0), Number(minor ?? 0)];
}

/** Undefined where it will do, or nobody knows. */
export function tooOld(what: string, version: string, { version: oldest, lacks }: Oldest): string | undefined {
  const known = stated(version);
  return known !== null && isOlder(known, oldest)
    ? `${what} is ${version}, and the week needs ${oldest} or newer: older ones have no ${lacks}`
    : undefined;
}

/** Undefined where it says one. */
export function untold(what: string, version: string, { version: oldest }: Oldest): string | undefined {
  if (stated(version) !== null) return undefined;
  return `${what} says no version${version && ` but "${version}"`}, so that nobody knows whether it is ${oldest} or newer`;
}
