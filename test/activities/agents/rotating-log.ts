// A machine with a log that is rotated, and a watch of it that ends at once.
import { mkdir, utimes } from 'node:fs/promises';
import { MockActivityEnvironment } from '@temporalio/testing';
import { logActivities } from '../../../activities/agents/logs.ts';
import { temporaryMachine } from '../machine.ts';

export const path = '/logs/agent.log';

export async function machine() {
  const host = await temporaryMachine();
  await mkdir(host.path('/logs/data'), { recursive: true });
  const logs = logActivities(host);
  type Place = Awaited<ReturnType<typeof logs.logOffset>>['place'];
  return {
    logs,
    at: (name: string) => host.path(`/logs/${name}`),
    place: async () => (await logs.logOffset({ path })).place,
    /** All since then, to the end of a watch. */
    readFrom: (place: Place) =>
      new MockActivityEnvironment().run(logs.watchLog, {
        path,
        fromOffset: 0,
        place,
        untilMs: Date.now(),
        patterns: ['never'],
      }) as ReturnType<typeof logs.watchLog>,
  };
}

export const seen = (first: string[]) => ({ matches: first.length, first });

/** As if it was written so long ago. */
export async function aged(file: string, ageMs: number): Promise<void> {
  const then = (Date.now() - ageMs) / 1000;
  await utimes(file, then, then);
}
