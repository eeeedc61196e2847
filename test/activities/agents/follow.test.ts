// A log that rotates while it is watched, in the ways in which logs do.
import { gzipSync } from 'node:zlib';
import { appendFile, copyFile, mkdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { MockActivityEnvironment } from '@temporalio/testing';
import { describe, expect, it, vi } from 'vitest';
import { logActivities } from '../../../activities/agents/logs.ts';
import { temporaryMachine } from '../machine.ts';

vi.setConfig({ testTimeout: 20_000 });

// The watch looks twice a second; the tests here wait for one look after the other.
vi.mock('../../../activities/context/cancellation.ts', async (original) => {
  const real = await original<typeof import('../../../activities/context/cancellation.ts')>();
  return { ...real, rest: (milliseconds: number) => real.rest(Math.min(milliseconds, 25)) };
});

const path = '/logs/agent.log';

async function machine() {
  const host = await temporaryMachine();
  await mkdir(host.path('/logs'));
  const file = host.path(path);
  const logs = logActivities(host);
  await writeFile(file, 'INFO one\n');
  return { file, logs, at: (name: string) => host.path(`/logs/${name}`) };
}

type Logs = ReturnType<typeof logActivities>;
type Place = Awaited<ReturnType<Logs['logOffset']>>['place'];

/** A watch that ends when the test ends it; `looks` resolves after it has looked so often. */
function watch(logs: Logs, place?: Place, heartbeatDetails?: unknown) {
  const environment = new MockActivityEnvironment({ heartbeatDetails });
  let last: unknown;
  environment.on('heartbeat', (details) => (last = details));
  const ask = { path, fromOffset: 0, place, untilMs: Date.now() + 60_000, patterns: ['never'] };
  const done = environment.run(logs.watchLog, ask) as ReturnType<Logs['watchLog']>;
  const looks = async (times: number) => {
    for (let look = 0; look < times; look += 1) await new Promise((resolve) => environment.once('heartbeat', resolve));
  };
  const end = async () => (await looks(2), environment.cancel(), done);
  return { looks, end, beat: () => last };
}

const seen = (first: string[]) => ({ matches: first.length, first });

describe('a log that is watched', () => {
  it.each([
    'agent.log.1',
    'agent.log-20261120',
    'agent.log.2026-11-20',
    'agent-2026-11-20T10-00-00.000.log',
    'agent.old',
  ])('is read to its end as %s, and where somebody still writes', async (name) => {
    const { file, logs, at } = await machine();
    const watched = watch(logs);
    await watched.looks(1);
    await appendFile(file, 'ERROR last under its name\n');
    await rename(file, at(name));
    await appendFile(at(name), 'ERROR under the other name\n');
    await writeFile(file, 'ERROR first of the new\n');
    await watched.looks(2);
    await appendFile(at(name), 'ERROR late\n');
    const found = await watched.end();
    expect(found).toMatchObject(
      seen(['ERROR last under its name', 'ERROR under the other name', 'ERROR first of the new', 'ERROR late']),
    );
    expect(found).not.toHaveProperty('missed');
  });

  it('is read to its end when it is removed, as by who compresses it', async () => {
    const { file, logs, at } = await machine();
    const watched = watch(logs);
    await watched.looks(1);
    await appendFile(file, 'ERROR last of the old\n');
    await rename(file, at('agent.log.1'));
    await rm(at('agent.log.1'));
    await writeFile(file, 'INFO new\n');
    const found = await watched.end();
    expect(found).toMatchObject(seen(['ERROR last of the old']));
    expect(found).not.toHaveProperty('missed');
  });

  it('is read to its end from the copy when it is copied and cut off, though it has grown again', async () => {
    const { file, logs, at } = await machine();
    const watched = watch(logs);
    await watched.looks(1);
    await appendFile(file, 'ERROR before the copy\n');
    await copyFile(file, at('agent.log.1'));
    await truncate(file, 0);
    await appendFile(file, `ERROR after\n${'INFO more\n'.repeat(20)}`);
    const found = await watched.end();
    expect(found).toMatchObject(seen(['ERROR before the copy', 'ERROR after']));
    expect(found).not.toHaveProperty('missed');
  });

  it('is read to its end from a copy that is compressed at once', async () => {
    const { file, logs, at } = await machine();
    const watched = watch(logs);
    await watched.looks(1);
    await appendFile(file, 'ERROR before the copy\n');
    await writeFile(at('agent.log-20261120.gz'), gzipSync(await readFile(file)));
    await truncate(file, 0);
    await appendFile(file, 'INFO\n');
    const found = await watched.end();
    expect(found).toMatchObject(seen(['ERROR before the copy']));
    expect(found).not.toHaveProperty('missed');
  });

  it('that is cut off without a copy was not seen as a whole', async () => {
    const { file, logs } = await machine();
    const watched = watch(logs);
    await watched.looks(1);
    await truncate(file, 0);
    await appendFile(file, 'INFO\n');
    expect(await watched.end()).toMatchObject({ missed: 1 });
  });
});

describe('a watch that begins after a rotation', () => {
  it('reads on where the log was, and what was rotated since', async () => {
    const { file, logs, at } = await machine();
    const { place } = await logs.logOffset({ path });
    await appendFile(file, 'ERROR one\n');
    await rename(file, at('agent.log.2'));
    await new Promise((resolve) => setTimeout(resolve, 20));
    await writeFile(at('agent.log.1'), 'ERROR two\n');
    await writeFile(at('agent.acks.jsonl'), 'ERROR of another file\n');
    await writeFile(file, 'ERROR three\n');
    const found = await watch(logs, place).end();
    expect(found).toMatchObject(seen(['ERROR one', 'ERROR two', 'ERROR three']));
    expect(found).not.toHaveProperty('missed');
  });

  it('reads on in a file that was compressed since', async () => {
    const { file, logs, at } = await machine();
    const { place } = await logs.logOffset({ path });
    await appendFile(file, 'ERROR one\n');
    await writeFile(at('agent.log.1.gz'), gzipSync(await readFile(file)));
    await rename(file, at('elsewhere'));
    await rm(at('elsewhere'));
    await writeFile(file, 'ERROR two\n');
    const found = await watch(logs, place).end();
    expect(found).toMatchObject(seen(['ERROR one', 'ERROR two']));
    expect(found).not.toHaveProperty('missed');
  });

  it('has missed what is gone', async () => {
    const { file, logs } = await machine();
    const { place } = await logs.logOffset({ path });
    await rm(file);
    await writeFile(file, 'INFO new\n');
    // A new file may have been given the inode of the old one: then it is cut off.
    expect(await watch(logs, place).end()).toMatchObject({ missed: 1 });
  });

  it('goes on in the file in which a worker died, and in an error of which it had read the begin', async () => {
    const { file, logs, at } = await machine();
    const first = watch(logs);
    await appendFile(file, 'Traceback (most recent call last):\n  File "a.py"\n');
    await first.looks(2);
    await first.end();
    await appendFile(file, 'ValueError: bad\nTypeError: another\n');
    await rename(file, at('agent.log.1'));
    await writeFile(file, 'INFO new\n');
    expect(await watch(logs, undefined, first.beat()).end()).toMatchObject(
      seen(['Traceback (most recent call last):', 'TypeError: another']),
    );
  });
});
