// What later steps need of earlier ones, beside the records. The names are those of the state that a running week carries on.
import type { Watched } from '../evidence/watched.ts';
import type { Impact } from '../machine-api/measure.ts';

export interface Facts {
  /** By machine, before the first change. */
  baseline?: Record<string, Impact>;
  bystanders?: Bystanders;
  /** Who was unwell before the week, for reasons that are not the week's. */
  unwell?: string[];
  /** Unix milliseconds. */
  'gate.openedAt'?: number;
  /** Up to which entry of a machine's ledger a person knows that it is ahead of the week. */
  [known: `ledger known on ${string}`]: number;
  /** The last decision by signal that was refused, and why. */
  'gate.refused'?: { at: number; why: string };
  /** What a tag was resolved to at the start. */
  [image: `image ${string} on ${string}`]: string;
  /** Digest of a file before the week touched it; null when it was not there. */
  [original: `original ${string}`]: string | null;
  /** Path of an agent's backup. */
  [backup: `backup of ${string}`]: string;
  /** Where an agent's log ended when it was deployed. */
  [offset: `log offset ${string}`]: number;
  /** Totals of a watched window so far. */
  [watched: `watched ${string}`]: Watched['targets'];
  /** When a step began, until it has a record. */
  [begun: `begun ${string}`]: number;
}
export type FactName = keyof Facts;

/** Who must not be disturbed: process ids of the bystanders, and when CentralHub was started. */
export interface Bystanders {
  programs: Record<string, number | null>;
  /** Left out where its machine is gone. */
  centralStartedAt?: string;
  /** By machine, of those that tell it: other after a reboot. */
  boots?: Record<string, string>;
}
