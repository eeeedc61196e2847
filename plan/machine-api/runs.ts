// Who runs the programs of a machine, and how one of them is told from another's.
export const runnerNames = ['supervisor', 'docker'] as const;

export type RunnerName = (typeof runnerNames)[number];

/** What people know it by. */
export const runnerCalled: Record<RunnerName, string> = { supervisor: 'supervisord', docker: 'Docker' };

export function isRunner(text: unknown): text is RunnerName {
  return runnerNames.some((runs) => runs === text);
}

/** A program of supervisord goes by its name alone, which has no slash; any other by who runs it and its name, as docker/hub_agent. */
export function programIn(runs: RunnerName, name: string): string {
  return runs === 'supervisor' ? name : `${runs}/${name}`;
}

export function runnerIn(program: string): { runs: RunnerName; name: string } {
  const found = runnerNames.find((runs) => program.startsWith(`${runs}/`));
  return found ? { runs: found, name: program.slice(found.length + 1) } : { runs: 'supervisor', name: program };
}
