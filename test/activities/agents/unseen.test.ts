// What a log was rotated to while nobody looked, and what its place does not tell.
import { gzipSync } from 'node:zlib';
import { appendFile, copyFile, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { endOf, follow, type Followed } from '../../../activities/agents/follow.ts';
import { aged, machine, seen } from './rotating-log.ts';

vi.setConfig({ testTimeout: 20_000 });

/** Looks when the test says so; `all` has what was read. */
async function watched() {
  const { at, place } = await machine();
  const log = at('agent.log');
  await writeFile(log, 'INFO one\n');
  const follower = follow(log);
  onTestFinished(() => follower.close());
  const all: string[] = [];
  let now: Followed = (await place())!;
  const look = async (toItsEnd = false) => {
    now = await follower.readOn(now, (lines) => all.push(...lines), toItsEnd);
    return now.missed;
  };
  await look();
  return { at, log, all, look };
}

describe('between two looks', () => {
  it.each([
    ['agent.log.1', 'agent.log.2'],
    ['agent.1.log', 'agent.2.log'],
  ])('a log that is rotated twice, to %s and %s, is read in both', async (first, second) => {
    const { at, log, all, look } = await watched();
    await appendFile(log, 'ERROR one\n');
    await rename(log, at(second));
    await writeFile(at(first), 'ERROR two\n');
    await writeFile(log, 'ERROR three\n');
    expect(await look()).toBe(0);
    expect(all).toEqual(['ERROR one', 'ERROR two', 'ERROR three']);
    expect(await look(true)).toBe(0);
    expect(all).toHaveLength(3);
  });

  it('one that is rotated and compressed after it was read is not read again, nor missed', async () => {
    const { at, log, all, look } = await watched();
    await appendFile(log, 'ERROR one\n');
    await look();
    await rename(log, at('agent.log.1'));
    await writeFile(at('agent.log.1.gz'), gzipSync(await readFile(at('agent.log.1'))));
    await writeFile(at('agent.log.1.xz'), 'what nobody here unpacks');
    await writeFile(log, 'ERROR two\n');
    expect(await look()).toBe(0);
    await rm(at('agent.log.1'));
    expect(await look(true)).toBe(0);
    expect(all).toEqual(['ERROR one', 'ERROR two']);
  });

  it('a copy of it is nothing new', async () => {
    const { at, log, all, look } = await watched();
    await appendFile(log, 'ERROR one\n');
    await copyFile(log, at('agent.log.1'));
    expect(await look()).toBe(0);
    expect(await look(true)).toBe(0);
    expect(all).toEqual(['ERROR one']);
  });

  it('one that is cut off and begins with the same words again is read from its begin, and in the copy', async () => {
    const { at, log, all, look } = await watched();
    await appendFile(log, 'ERROR one\n');
    await copyFile(log, at('agent.log.1'));
    await truncate(log);
    await appendFile(log, 'INFO one\nERROR two\n');
    expect(await look(true)).toBe(0);
    expect(all).toEqual(['ERROR one', 'INFO one', 'ERROR two']);
  });

  it('what gzip has not finished is read when it has, or missed at the end', async () => {
    const { at, log, all, look } = await watched();
    const packed = gzipSync('ERROR two\n');
    await rename(log, at('agent.log.2'));
    await writeFile(at('agent.log.1.gz'), packed.subarray(0, 12));
    await writeFile(log, 'ERROR three\n');
    expect(await look()).toBe(0);
    expect(await look(true)).toBe(1);
    await writeFile(at('agent.log.1.gz'), packed);
    await look();
    expect(all).toEqual(['ERROR three', 'ERROR two']);
  });
});

describe('a log that was empty', () => {
  async function empty() {
    const { at, place, readFrom } = await machine();
    const log = at('agent.log');
    await writeFile(log, '');
    return { at, log, from: (await place())!, readFrom };
  }

  it('is read in what it was copied to, and cut off', async () => {
    const { at, log, from, readFrom } = await empty();
    await appendFile(log, 'ERROR one\n');
    await copyFile(log, at('agent.log.1'));
    await truncate(log);
    await appendFile(log, 'ERROR two\n');
    const found = await readFrom(from);
    expect(found).toMatchObject(seen(['ERROR one', 'ERROR two']));
    expect(found).not.toHaveProperty('missed');
  });

  it.each(['another number', 'its number'])(
    'is read in what it was compressed to, and the new one has %s',
    async (has) => {
      const { at, log, from, readFrom } = await empty();
      await appendFile(log, 'ERROR one\n');
      await writeFile(at('agent.log.1.gz'), gzipSync(await readFile(log)));
      await rename(log, at('elsewhere'));
      await writeFile(log, 'ERROR two\n');
      const inode = has === 'its number' ? (await stat(log)).ino : from.inode;
      if (inode === from.inode) await rm(at('elsewhere'));
      const found = await readFrom({ ...from, inode });
      expect(found).toMatchObject(seen(['ERROR one', 'ERROR two']));
      expect(found).not.toHaveProperty('missed');
    },
  );

  it('was missed where its number is that of a newer file, and nothing tells what became of it', async () => {
    const { at, log, from, readFrom } = await empty();
    await rename(log, at('elsewhere'));
    await writeFile(log, 'INFO two\n');
    const { ino: inode, birthtimeMs } = await stat(log);
    // As if the place had been looked at before.
    expect(await readFrom({ ...from, inode, at: birthtimeMs - 10 })).toMatchObject({ lines: 1, missed: 1 });
    // An earlier build did not say when.
    expect(await readFrom({ inode, offset: 0 })).toMatchObject({ lines: 1, missed: 1 });
    expect(await readFrom({ ...from, inode, at: birthtimeMs + 10 })).not.toHaveProperty('missed');
    // Made in the very millisecond of the look, of which the clock of files knows parts.
    expect(await readFrom({ ...from, inode, at: Math.floor(birthtimeMs) })).not.toHaveProperty('missed');
  });

  it('is read from its begin when it grows, and what was rotated before is not', async () => {
    const { at, log, readFrom } = await empty();
    await writeFile(at('agent.log.2'), 'ERROR of before\n');
    await aged(at('agent.log.2'), 3_600_000);
    await writeFile(at('agent.log.1'), 'ERROR just before\n');
    const from = await endOf(log);
    await appendFile(log, 'ERROR one\n');
    await appendFile(at('agent.log.1'), 'ERROR of who still writes there\n');
    const found = await readFrom(from);
    expect(found).toMatchObject(seen(['ERROR of who still writes there', 'ERROR one']));
    expect(found).not.toHaveProperty('missed');
  });
});

it('a log that was not there yet is read in what it was rotated to since', async () => {
  const { at, place, readFrom } = await machine();
  const from = await place();
  await writeFile(at('agent.log.1'), 'ERROR one\n');
  await writeFile(at('agent.log'), 'ERROR two\n');
  const found = await readFrom(from);
  expect(found).toMatchObject(seen(['ERROR one', 'ERROR two']));
  expect(found).not.toHaveProperty('missed');
});

it('a file that was given the number of a rotated one is not read as that', async () => {
  const { at, place, readFrom } = await machine();
  await writeFile(at('agent.log'), 'INFO one\n');
  const from = (await place())!;
  await appendFile(at('agent.log'), 'ERROR as long as the other\n');
  const older = [{ inode: from.inode, offset: 10, before: 'of another' }];
  expect(await readFrom({ ...from, older })).toMatchObject({ ...seen(['ERROR as long as the other']), missed: 1 });
});
