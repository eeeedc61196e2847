// Which build runs the week.

export interface BuildActivities {
  /** Digest of the control worker's build. */
  controlBuild(): Promise<{ build: string }>;
}

export function buildActivities(build: string): BuildActivities {
  return { controlBuild: async () => ({ build }) };
}
