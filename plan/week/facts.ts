// What later steps need of earlier ones, beside the records. The names are those of the state that a running week carries on.
import type { Watched } from '../evidence/watched.ts';
import type { LogPlace } from '../machine-api/agents.ts';
import type { Impact } from '../machine-api/measure.ts';

export interface Facts {
  /** By machine, before the first change. */
  baseline?: Record<string, Impact>;
  bystanders?: Bystanders;
  /** Who was unwell before the week, for reasons that are not the week's. */
  unwell?: string[];
  /** CentralHub's targets that were up before the week, as verdicts name them. */
  targets?: string[];
  /** How often CentralHub scrapes, in milliseconds: the longest interval of its own and of what it has for the agents. */
  centralScrapesEvery?: number;
  /** What was in use before the first change of this run. */
  before?: Before;
  /** Unix milliseconds. */
  'gate.openedAt'?: number;
  /** Up to which entry of a machine's ledger a person knows that it is ahead of the week. */
  [known: `ledger known on ${string}`]: number;
  /** The last decision by signal that was refused, and why. */
  'gate.refused'?: { at: number; why: string };
  /** What the programs in an image say that they are. */
  [version: `version of ${string}`]: string;
  /** What a tag was resolved to at the start. */
  [image: `image ${string} on ${string}`]: string;
  /** Digest of a file before the week touched it; null when it was not there. */
  [original: `original ${string}`]: string | null;
  /** Path of an agent's backup. */
  [backup: `backup of ${string}`]: string;
  /** Where an agent's log ended when it was deployed. */
  [offset: `log offset ${string}`]: number;
  /** The same with the file that it is in, until the log was watched. */
  [place: `log place ${string}`]: LogPlace;
  /** Totals of a watched window so far. */
  [watched: `watched ${string}`]: Watched['targets'];
  /** What changes when programs and containers are started again, as a watched window knows it: by machine. */
  [lives: `lives ${string}`]: Record<string, Record<string, string>>;
  /** Since when a rollback has taken a service away, until it stands again. */
  [away: `away ${string}`]: number;
  /** When a step began, until it has a record. */
  [begun: `begun ${string}`]: number;
}
export type FactName = keyof Facts;

/** Who must not be disturbed: process ids of the bystanders, and when CentralHub was started. */
export interface Bystanders {
  programs: Record<string, number | null>;
  /** Left out where its machine is gone. */
  centralStartedAt?: string;
  /** Its restart policy, which is its owner's. Weeks of before did not keep it. */
  centralRestart?: string;
  /** By machine, of those that tell it: other after a reboot. */
  boots?: Record<string, string>;
}

/** What an undo gives back, which is Phase 1 only where no week was kept before this one. */
export interface Before {
  /** The pilots, those that were alike together: hundreds travel with the week. */
  pilots: (AgentBefore & { names: string[] })[];
  /** Of the scrape jobs with names of the plan's services, those that a hub ran, by hub. Left out is one that did not answer. */
  jobs: Record<string, string[]>;
}

/** null: it could not show it. */
export interface AgentBefore {
  /** The hub that it used, as the contract of the plan names it. */
  hub: string | null;
  /** How many it knew. */
  hubs: number | null;
  /** Whether its health came in at its peer by HTTP. */
  posts: boolean | null;
}
