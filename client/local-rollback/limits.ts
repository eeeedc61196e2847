// How long an emergency waits before it acts by itself.

/** For somebody to listen at Temporal's address, for the week to accept the order, and for this machine's worker to begin. */
export const acceptMs = 2_000;
