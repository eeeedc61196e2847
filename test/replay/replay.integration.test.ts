// Weeks that were recorded (record.ts) are replayed by the workflow as it is now: a week that runs survives an upgrade of the control worker.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { beforeAll, expect, test } from 'vitest';
import { workflowBundle } from '../workflows/bundle.ts';

interface Recorded {
  events: {
    workflowExecutionContinuedAsNewEventAttributes?: object;
    activityTaskScheduledEventAttributes?: { activityType: { name: string } };
  }[];
}

const directory = join(import.meta.dirname, 'histories');
const names = readdirSync(directory).sort();
const recorded = (name: string) => JSON.parse(gunzipSync(readFileSync(join(directory, name))).toString()) as Recorded;

/** One that must not replay. */
function ofOtherActivities(): Recorded {
  const other = recorded('rolled-back-1.json.gz');
  const scheduled = other.events.flatMap(({ activityTaskScheduledEventAttributes: attributes }) => attributes ?? []);
  scheduled[3]!.activityType.name = 'digestFile';
  return other;
}

/** Why a history does not replay. One worker for all of them. */
const failures = new Map<string, Error | undefined>();

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const histories = [
    ...names.map((name) => ({ workflowId: name, history: recorded(name) })),
    { workflowId: 'of other activities', history: ofOtherActivities() },
  ];
  const options = { workflowBundle: await workflowBundle() };
  for await (const { workflowId, error } of Worker.runReplayHistories(options, histories))
    failures.set(workflowId, error);
}, 300_000);

test.each(names)('%s replays', (name) => {
  expect([...failures.keys()]).toContain(name);
  expect(failures.get(name)).toBeUndefined();
});

test('there is a week that went well and was continued as new, one that was paused and retried, one that was undone in part, and one that was rolled back', () => {
  expect(new Set(names.map((name) => name.replace(/-\d+\.json\.gz$/, '')))).toEqual(
    new Set(['happy', 'paused-and-retried', 'rolled-back', 'undone-in-part']),
  );
  expect(recorded('happy-1.json.gz').events.at(-1)).toHaveProperty('workflowExecutionContinuedAsNewEventAttributes');
});

test('a history of other activities does not replay', () => {
  expect(failures.get('of other activities')).toMatchObject({ name: 'DeterminismViolationError' });
});
