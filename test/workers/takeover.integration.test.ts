// What a build must show of a recorded week before it goes on with it.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { whyNotReplayedHere } from '../../workers/takeover.ts';
import { workflowBundle } from '../workflows/bundle.ts';

interface Recorded {
  events: { activityTaskScheduledEventAttributes?: { activityType: { name: string } } }[];
}

const recorded = (): Recorded =>
  JSON.parse(gunzipSync(readFileSync(join(import.meta.dirname, '../replay/histories/happy-2.json.gz'))).toString());

const directory = mkdtempSync(join(tmpdir(), 'takeover-'));
const codePath = join(directory, 'bundle.js');
const why = (history: Recorded) => whyNotReplayedHere(history, 'week', codePath);

beforeAll(async () => {
  writeFileSync(codePath, ((await workflowBundle()) as { code: string }).code);
}, 60_000);
afterAll(() => rmSync(directory, { recursive: true }));

// First: what it left of the SDK would be in the way of the next, and keep a process from ending.
test('one without its bundle can not', async () =>
  expect(await whyNotReplayedHere(recorded(), 'week', '/nonexistent/bundle.js')).toContain('/nonexistent/bundle.js'));

test('a build that does what the week has done can go on with it', async () =>
  expect(await why(recorded())).toBeUndefined());

test('one that would have asked a machine for something else can not, and the SDK says why', async () => {
  const other = recorded();
  const asked = other.events.flatMap(({ activityTaskScheduledEventAttributes: attributes }) => attributes ?? []);
  asked[3]!.activityType.name = 'digestFile';
  expect(await why(other)).toMatch(/nondeterminism.*digestFile/s);
});

test.each([
  ['nothing has been asked of it yet', 1],
  ['its first task lies in a queue that nobody serves', 2],
])('any build can go on with a week when %s', { timeout: 20_000 }, async (_, events) => {
  expect(await why({ events: recorded().events.slice(0, events) })).toBeUndefined();
});
