// How many servers a cluster may lose before something in it can't be written any more. Pure.

/** The least of what its voters and the replicas of each stream survive: one of two replicas is no majority, whoever votes beside them. */
export function survives(voters: number, replicas: number[]): number {
  return Math.min(...[voters, ...replicas].map((of) => Math.floor((of - 1) / 2)));
}
