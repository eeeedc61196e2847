// What a watched window saw: its credit, and its targets' samples.

export interface Watched {
  creditMs: number;
  longestGapMs: number;
  restarts: number;
  targets: Record<
    string,
    { up: number; down: number; longestDown: number; firstError?: string; unknown?: number; firstUnknown?: string }
  >;
  restarted: string[];
}
