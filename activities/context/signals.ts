// A signal that would end this process waits for what must not be left half-way.
const ending = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const came = new Set<NodeJS.Signals>();
const hold = (signal: NodeJS.Signals): void => void came.add(signal);
let held: NodeJS.Signals[] = [];
let working = 0;

/** Does `work` to its end; then the process ends as it would have. Where somebody handles a signal, as workers do, that goes on. */
export async function beforeSignals<T>(work: () => Promise<T>): Promise<T> {
  if (working++ === 0) {
    held = ending.filter((signal) => process.listenerCount(signal) === 0);
    for (const signal of held) process.on(signal, hold);
  }
  try {
    return await work();
  } finally {
    if (--working === 0) {
      for (const signal of held) process.off(signal, hold);
      for (const signal of came) process.kill(process.pid, signal);
      came.clear();
    }
  }
}
