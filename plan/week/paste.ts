// Commands about a week as people get them: to be pasted into a shell, on whatever machine has the plan. Pure.
/** How whoever began the week finds it: the file of its plan, and Temporal where that is not the usual one. */
export interface Reach {
  plan: string;
  address?: string;
  namespace?: string;
}

/** A word as a POSIX shell reads it back. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** A command of hubshift, given by its words, about this run. Earlier builds did not say where the plan is. */
export function paste({ reach, run }: { reach?: Reach; run: string }, words: string[]): string {
  const { plan, address, namespace } = reach ?? {};
  const where = { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace };
  const set = Object.entries(where).flatMap(([name, value]) => (value ? [`${name}=${shellWord(value)}`] : []));
  const all = ['hubshift', ...words, ...(plan ? ['--plan', plan] : []), '--run', run];
  return [...set, ...all.map(shellWord)].join(' ');
}
