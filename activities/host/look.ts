// One thing that is looked at before the first change.

export type Found = string | { detail: string; warning: string };

export interface Look {
  what: string;
  /** Gives what was found, or throws what is missing and how to mend it. */
  look(): Promise<Found>;
}
