// Logs and acknowledgements: files that grow, rotate, are cut off or torn while they are read.
import { appendFile, copyFile, mkdir, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { MockActivityEnvironment } from '@temporalio/testing';
import { describe, expect, it, vi } from 'vitest';
import { ackActivities } from '../../../activities/agents/acks.ts';
import { logActivities } from '../../../activities/agents/logs.ts';
import type { LogAsk } from '../../../plan/machine-api/agents.ts';
import { failoverTimes, losesNothing } from '../../../plan/tasks/pilots/verdicts/failover.ts';
import { temporaryMachine } from '../machine.ts';

vi.setConfig({ testTimeout: 20_000 });

// The watch looks twice a second; the tests here wait for one look after the other.
vi.mock('../../../activities/context/cancellation.ts', async (original) => {
  const real = await original<typeof import('../../../activities/context/cancellation.ts')>();
  return { ...real, rest: (milliseconds: number) => real.rest(Math.min(milliseconds, 25)) };
});

const path = '/logs/a.log';
const patterns = ['\\bERROR\\b', 'Traceback'];

async function machine() {
  const host = await temporaryMachine();
  await mkdir(host.path('/logs'));
  return { host, file: host.path(path), logs: logActivities(host), acks: ackActivities(host) };
}

/** Starts a watch that ends when the test cancels it; `heard` resolves after it has looked once more. */
function watching(
  logs: ReturnType<typeof logActivities>,
  ask: Pick<LogAsk, 'fromOffset'> & Partial<LogAsk>,
  heartbeatDetails?: unknown,
) {
  const environment = new MockActivityEnvironment({ heartbeatDetails });
  const done = environment.run(logs.watchLog, { path, untilMs: Date.now() + 60_000, patterns, ...ask }) as ReturnType<
    typeof logs.watchLog
  >;
  const looks = async (times: number) => {
    for (let look = 0; look < times; look += 1) await new Promise((resolve) => environment.once('heartbeat', resolve));
  };
  return { looks, end: async () => (await looks(2), environment.cancel(), done) };
}

describe('watchLog', () => {
  it('sees what is added after its begin, and counts a line once whatever it matches', async () => {
    const { file, logs } = await machine();
    await writeFile(file, 'ERROR before\n');
    const watch = watching(logs, { fromOffset: null });
    await watch.looks(1);
    await appendFile(file, 'INFO fine\nERROR Traceback both\nTERRORS none\nERROR half a li');
    const seen = await watch.end();
    expect(seen).toMatchObject({ lines: 3, matches: 1, first: ['ERROR Traceback both'], offset: 13 + 44, bytes: 44 });
    await appendFile(file, 'ne\n');
    expect(await logs.watchLog({ path, fromOffset: seen.offset, untilMs: Date.now() + 1, patterns })).toMatchObject({
      lines: 1,
      matches: 1,
      first: ['ERROR half a line'],
    });
  });

  it('ends at its time', async () => {
    const { file, logs } = await machine();
    await writeFile(file, '');
    const untilMs = Date.now() + 300;
    const { watchedMs } = await logs.watchLog({ path, fromOffset: 0, untilMs, patterns });
    // On a busy machine it begins late: then it has watched for less, and not for longer.
    expect(Date.now()).toBeGreaterThanOrEqual(untilMs - 1);
    expect(watchedMs).toBeGreaterThan(0);
    expect(watchedMs).toBeLessThanOrEqual(301);
  });

  it('reads the rest of a rotated log, then the new one', async () => {
    const { file, logs } = await machine();
    await writeFile(file, 'INFO one\n');
    const watch = watching(logs, { fromOffset: 0 });
    await watch.looks(1);
    await appendFile(file, 'ERROR last of the old\n');
    await rename(file, `${file}.1`);
    await writeFile(file, 'ERROR first of the new\n');
    expect(await watch.end()).toMatchObject({ lines: 3, first: ['ERROR last of the old', 'ERROR first of the new'] });
  });

  it('begins again when the log is cut off, and waits for one that is not there yet', async () => {
    const { file, logs } = await machine();
    const watch = watching(logs, { fromOffset: null });
    await watch.looks(1);
    await writeFile(file, 'INFO a long first line that will be cut\n');
    await watch.looks(2);
    await truncate(file, 0);
    await appendFile(file, 'ERROR after\n');
    expect(await watch.end()).toMatchObject({ lines: 2, first: ['ERROR after'] });
  });

  it('goes on where a killed attempt was, so nothing is missed or counted twice', async () => {
    const { file, logs } = await machine();
    await writeFile(file, '');
    const first = new MockActivityEnvironment();
    const beats: { lines: number }[] = [];
    first.on('heartbeat', (cursor: { lines: number }) => beats.push(cursor));
    const killed = first.run(logs.watchLog, { path, fromOffset: null, untilMs: Date.now() + 60_000, patterns });
    await vi.waitUntil(() => beats.length > 0, 10_000);
    await appendFile(file, 'ERROR one\n');
    await vi.waitUntil(() => beats.at(-1)?.lines === 1, 10_000);
    first.cancel();
    await killed;
    await appendFile(file, 'ERROR two\n');
    expect(await watching(logs, { fromOffset: null }, beats.at(-1)).end()).toMatchObject({
      lines: 2,
      matches: 2,
      first: ['ERROR one', 'ERROR two'],
    });
  });

  it('hands over what it has read when its worker ends, and the next reads on from there, also in the file that it has become', async () => {
    const { file, logs } = await machine();
    await writeFile(file, 'INFO one\n');
    const ended = await watching(logs, { fromOffset: 0 }).end();
    expect(ended).toMatchObject({ lines: 1, place: { inode: expect.any(Number), offset: 9 } });
    const untilMs = Date.now();
    expect(ended.readAt).toBeLessThanOrEqual(untilMs);
    await appendFile(file, 'ERROR while nobody read\n');
    await rename(file, `${file}.1`);
    await writeFile(file, 'INFO of the new\n');
    const { offset: fromOffset, place } = ended;
    const next = await logs.watchLog({ path, fromOffset, place, untilMs, patterns });
    expect(next).toMatchObject({ lines: 2, matches: 1, first: ['ERROR while nobody read'] });
    expect(next.readAt).toBeGreaterThanOrEqual(untilMs);
    expect(next).not.toHaveProperty('missed');
  });

  it('hands over what is still written to a file that was rotated', async () => {
    const { file, logs } = await machine();
    await writeFile(file, 'INFO one\n');
    const watch = watching(logs, { fromOffset: 0 });
    await watch.looks(1);
    await rename(file, `${file}.1`);
    await writeFile(file, 'INFO of the new\n');
    const { offset: fromOffset, place } = await watch.end();
    expect(place!.older).toHaveLength(1);
    await appendFile(`${file}.1`, 'ERROR after the rename\n');
    const next = await logs.watchLog({ path, fromOffset, place, untilMs: Date.now(), patterns });
    expect(next).toMatchObject({ lines: 1, matches: 1, first: ['ERROR after the rename'] });
    expect(next).not.toHaveProperty('missed');
  });

  it('says when a file was removed that it had not read to its end', async () => {
    const { file, logs } = await machine();
    await writeFile(file, 'INFO one\n');
    const { offset: fromOffset, place } = await watching(logs, { fromOffset: 0 }).end();
    await rename(file, `${file}.gone`);
    await writeFile(file, 'INFO of the new\n');
    await rm(`${file}.gone`);
    expect(await logs.watchLog({ path, fromOffset, place, untilMs: Date.now(), patterns })).toMatchObject({
      lines: 1,
      missed: 1,
    });
  });

  it('keeps the first few matches only, and gives the size of a log', async () => {
    const { file, logs } = await machine();
    await writeFile(file, Array.from({ length: 5_000 }, (_, index) => `ERROR ${index} ${'é'.repeat(100)}\n`).join(''));
    const seen = await logs.watchLog({ path, fromOffset: 0, untilMs: Date.now(), patterns });
    expect(seen).toMatchObject({ lines: 5_000, matches: 5_000 });
    expect(seen.first).toHaveLength(5);
    expect(await logs.logOffset({ path })).toEqual({
      offset: seen.offset,
      place: { ...seen.place, at: expect.any(Number) },
    });
    expect(await logs.logOffset({ path: '/logs/none.log' })).toMatchObject({ offset: 0 });
  });
});

describe('readAcks', () => {
  const ack = (seq: number, hub: string, at: number) => `${JSON.stringify({ seq, hub, url: 'http://h', at })}\n`;
  const all = { path, fromMs: 0, toMs: Infinity };

  it('gives the runs on one hub, in order, with their sequence numbers', async () => {
    const { file, acks } = await machine();
    await writeFile(
      file,
      [
        ack(1, 'primary', 1000),
        ack(2, 'primary', 1100),
        ack(3, 'fallback', 1500),
        ack(4, 'fallback', 1600),
        ack(6, 'primary', 2000),
      ].join(''),
    );
    expect(await acks.readAcks(all)).toEqual({
      runs: [
        { hub: 'primary', fromMs: 1000, toMs: 1100, sequences: [[1, 2]], count: 2 },
        { hub: 'fallback', fromMs: 1500, toMs: 1600, sequences: [[3, 4]], count: 2 },
        { hub: 'primary', fromMs: 2000, toMs: 2000, sequences: [[6, 6]], count: 1 },
      ],
      unreadable: 0,
      before: null,
    });
  });

  it('takes the window only, both ends included', async () => {
    const { file, acks } = await machine();
    await writeFile(file, [1, 2, 3, 4, 5].map((seq) => ack(seq, 'central', seq * 1000)).join(''));
    expect((await acks.readAcks({ path, fromMs: 2000, toMs: 4000 })).runs).toEqual([
      { hub: 'central', fromMs: 2000, toMs: 4000, sequences: [[2, 4]], count: 3 },
    ]);
  });

  it('does not see a torn last line, and counts lines that are no acknowledgement', async () => {
    const { file, acks } = await machine();
    await writeFile(
      file,
      `${ack(1, 'primary', 1000)}not json\n{"seq": "x"}\n${ack(2, 'primary', 2000)}{"seq":3,"hub":"pri`,
    );
    expect(await acks.readAcks(all)).toMatchObject({ runs: [{ sequences: [[1, 2]], count: 2 }], unreadable: 2 });
  });

  it('is empty without a file', async () => {
    const { acks } = await machine();
    expect((await acks.readAcks(all)).runs).toEqual([]);
  });

  it('finds every window of a large file, without reading what lies before it', async () => {
    const { file, acks } = await machine();
    const count = 50_000;
    const everyMs = 1_000;
    const text = Array.from({ length: count }, (_, index) => ack(index + 1, 'primary', (index + 1) * everyMs)).join('');
    // Garbage at the begin would be counted, if it were read.
    await writeFile(file, `garbage\n${text}`);
    for (const [first, last] of [
      [49_990, 50_000],
      [25_000, 26_000],
      [1_234, 9_876],
    ] as const) {
      const found = await acks.readAcks({ path, fromMs: first * everyMs, toMs: last * everyMs });
      expect(found).toEqual({
        runs: [
          {
            hub: 'primary',
            fromMs: first * everyMs,
            toMs: last * everyMs,
            sequences: [[first, last]],
            count: last - first + 1,
          },
        ],
        unreadable: 0,
        before: first - 1,
      });
    }
  });

  it.each([
    ['acks.jsonl.1'],
    ['acks.jsonl.1.gz'],
    ['acks.jsonl-20261120'],
    ['acks.jsonl-20261120-1700000000.gz'],
    ['acks-2026-11-20.jsonl'],
    ['acks.jsonl.2026-11-20_13-00'],
    ['acks.jsonl.old'],
  ])('reads on through a rotation to %s in the window, and knows the last number before it', async (rotated) => {
    const { host, acks } = await machine();
    const file = host.path('/logs/acks.jsonl');
    const lines = (from: number, to: number) =>
      Array.from({ length: to - from + 1 }, (_, index) => ack(from + index, 'primary', 1_000 * (from + index)));
    const before = lines(1, 70).join('');
    await writeFile(host.path(`/logs/${rotated}`), rotated.endsWith('.gz') ? gzipSync(before) : before);
    await writeFile(file, lines(71, 100).join(''));
    const found = await acks.readAcks({ path: '/logs/acks.jsonl', fromMs: 51_000, toMs: 100_000 });
    expect(found).toMatchObject({ runs: [{ sequences: [[51, 100]], count: 50 }], before: 50 });
  });

  it('finds what was lost on either side of a rotation in the window', async () => {
    const { host, acks } = await machine();
    const lines = (from: number, to: number, hub: string) =>
      Array.from({ length: to - from + 1 }, (_, index) => ack(from + index, hub, 1_000 * (from + index))).join('');
    await writeFile(host.path('/logs/a.acks-20261120'), lines(990, 1_020, 'primary') + lines(1_021, 1_070, 'fallback'));
    await writeFile(host.path('/logs/a.acks'), lines(1_071, 1_100, 'primary'));
    const found = await acks.readAcks({ path: '/logs/a.acks', fromMs: 1_001_000, toMs: 1_100_000 });
    expect(found.runs.reduce((sum, { count }) => sum + count, 0)).toBe(100);
    const seen = { agent: 'a', acks: found, restarted: false, stoppedAt: 1_020_500, startedAt: 1_070_500, inBoth: [] };
    const read: [number, number][] = [
      [900, 1_060],
      [1_064, 1_200],
    ];
    expect(losesNothing([{ ...seen, read }])).toMatchObject({ verdict: 'fail', summary: 'a lost 3 of 100: 1061-1063' });
    expect(failoverTimes(seen)).toEqual({ failoverMs: 1_000, backMs: 1_000, returnMs: 500 });
  });

  it('does not take the file of another agent for a rotated one, and counts what somebody copied once', async () => {
    const { host, acks } = await machine();
    const path = '/logs/hub.jsonl';
    await writeFile(host.path('/logs/hub-2.jsonl'), ack(900, 'primary', 9_000));
    await writeFile(host.path('/logs/hub.2.jsonl'), ack(901, 'primary', 9_000));
    await writeFile(host.path('/logs/hub.jsonl.toy'), ack(902, 'primary', 9_000));
    await mkdir(host.path('/logs/hub.jsonl.3'));
    await writeFile(host.path(path), ack(1, 'primary', 1_000) + ack(2, 'fallback', 2_000));
    await copyFile(host.path(path), host.path(`${path}.1`));
    await symlink('hub.jsonl', host.path(`${path}.2`));
    expect((await acks.readAcks({ ...all, path })).runs).toMatchObject([
      { hub: 'primary', sequences: [[1, 1]], count: 1 },
      { hub: 'fallback', sequences: [[2, 2]], count: 1 },
    ]);
  });

  it('says when nothing of before the window is there: what came first may have been rotated away', async () => {
    const { file, acks } = await machine();
    await writeFile(file, ack(71, 'primary', 71_000) + ack(72, 'primary', 72_000));
    expect(await acks.readAcks({ path, fromMs: 51_000, toMs: 100_000 })).toMatchObject({ before: null });
    expect(await acks.readAcks({ path, fromMs: 71_500, toMs: 100_000 })).toMatchObject({ before: 71 });
  });

  it('reads no file before one that reaches back', async () => {
    const { file, acks } = await machine();
    await writeFile(`${file}.1`, 'is not looked at\n');
    await writeFile(file, ack(1, 'primary', 1_000) + ack(2, 'primary', 200_000));
    expect(await acks.readAcks({ path, fromMs: 150_000, toMs: 300_000 })).toMatchObject({ before: 1, unreadable: 0 });
  });

  it('has what is there of a file that gzip has not finished', async () => {
    const { file, acks } = await machine();
    const whole = gzipSync(Array.from({ length: 5_000 }, (_, seq) => ack(seq, 'primary', seq)).join(''));
    await writeFile(`${file}.1.gz`, whole.subarray(0, whole.length / 2));
    const [run] = (await acks.readAcks(all)).runs;
    expect(run?.sequences).toEqual([[0, run!.count - 1]]);
    expect(run?.count).toBeGreaterThan(1_000);
  });
});

describe('awaitHub', () => {
  const line = (seq: number, hub: string) => `${JSON.stringify({ seq, hub, url: 'u', at: Date.now() })}\n`;

  it('waits until the newest run is on the hub with enough acknowledgements', async () => {
    const { file, acks } = await machine();
    await writeFile(file, line(1, 'primary'));
    const reached = acks.awaitHub({ path, hub: 'fallback', acks: 2, sinceMs: Date.now() - 10_000, withinMs: 10_000 });
    await appendFile(file, line(2, 'fallback'));
    await new Promise((resolve) => setTimeout(resolve, 400));
    await appendFile(file, line(3, 'fallback'));
    const found = await reached;
    expect(found).toMatchObject({ reached: true, hub: 'fallback' });
    expect(found.waitedMs).toBeGreaterThan(300);
  });

  it('says which hub it is on when the time is over; what is older than asked for does not count', async () => {
    const { file, acks } = await machine();
    await writeFile(file, line(1, 'primary'));
    expect(await acks.awaitHub({ path, hub: 'fallback', acks: 1, sinceMs: 0, withinMs: 100 })).toMatchObject({
      reached: false,
      hub: 'primary',
    });
    expect(
      await acks.awaitHub({ path, hub: 'primary', acks: 1, sinceMs: Date.now() + 1_000, withinMs: 100 }),
    ).toMatchObject({ reached: false, hub: null });
  });
});
