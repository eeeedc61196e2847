// Says what the lab does, with elapsed times, and that long work is still at it.

export type Report = (line: string) => void;
/** Runs a piece of work under a label; `say` adds a line about it. */
export type Timed = <T>(label: string, work: (say: Report) => Promise<T>) => Promise<T>;

const remindEveryMs = 30_000;

/** Lines as `[ 12.3s] network (0.3s)`: since the beginning, what was done, how long it took. */
export function timed(report: Report): Timed {
  const began = Date.now();
  const say = (line: string) => report(`[${seconds(Date.now() - began).padStart(7)}] ${line}`);
  return async (label, work) => {
    const start = Date.now();
    const reminder = setInterval(() => say(`${label}: still at it (${seconds(Date.now() - start)})`), remindEveryMs);
    try {
      const result = await work((line) => say(`${label}: ${line}`));
      say(`${label} (${seconds(Date.now() - start)})`);
      return result;
    } catch (error) {
      say(`${label}: failed (${seconds(Date.now() - start)})`);
      throw error;
    } finally {
      clearInterval(reminder);
    }
  };
}

export function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)}s`;
}
