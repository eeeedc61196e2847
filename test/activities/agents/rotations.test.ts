// What of a log is read though its last line has no end, its name is a link, or others lie beside it.
import { gzipSync } from 'node:zlib';
import { appendFile, copyFile, rename, symlink, truncate, unlink, writeFile } from 'node:fs/promises';
import { describe, expect, it, vi } from 'vitest';
import { aged, machine, path, seen } from './rotating-log.ts';

vi.setConfig({ testTimeout: 20_000 });

describe('a last line without an end', () => {
  it('is read of a file that was rotated', async () => {
    const { at, place, readFrom } = await machine();
    await writeFile(at('agent.log'), 'INFO one\n');
    const from = await place();
    await appendFile(at('agent.log'), 'FATAL torn');
    await rename(at('agent.log'), at('agent.log.1'));
    await writeFile(at('agent.log'), 'INFO new\n');
    expect(await readFrom(from)).toMatchObject({ lines: 2, ...seen(['FATAL torn']) });
  });

  it('is read at the end of a watch, unless its writer may be at it', async () => {
    const { at, place, readFrom } = await machine();
    await writeFile(at('agent.log'), 'INFO one\n');
    const from = await place();
    await appendFile(at('agent.log'), 'Segmentation fault');
    expect(await readFrom(from)).toMatchObject({ matches: 0, lines: 0, offset: 9 });
    await aged(at('agent.log'), 5_000);
    expect(await readFrom(from)).toMatchObject({ lines: 1, offset: 27, ...seen(['Segmentation fault']) });
  });
});

describe('a log that is a link', () => {
  it.each([
    ['agent-1.log', 'agent-2.log', 'agent-3.log'],
    [
      'agent.pc2.root.INFO.20261120-100000.1',
      'agent.pc2.root.INFO.20261120-100100.2',
      'agent.pc2.root.INFO.20261120-100200.3',
    ],
  ])('is read in each file that it led to: %s', async (first, second, third) => {
    const { at, place, readFrom } = await machine();
    await writeFile(at(first), 'INFO one\n');
    await symlink(first, at('agent.log'));
    const from = await place();
    await appendFile(at(first), 'ERROR one\n');
    await writeFile(at(second), 'ERROR two\n');
    await writeFile(at(third), 'ERROR three\n');
    await aged(at(first), 2_000);
    await aged(at(second), 1_000);
    await unlink(at('agent.log'));
    await symlink(third, at('agent.log'));
    const found = await readFrom(from);
    expect(found).toMatchObject(seen(['ERROR one', 'ERROR two', 'ERROR three']));
    expect(found).not.toHaveProperty('missed');
  });

  it.each(['renamed', 'copied and cut off'])('is read where it leads to, when that is %s', async (how) => {
    const { at, place, readFrom } = await machine();
    const [file, rotated] = [at('data/agent.log'), at('data/agent.log.1')];
    await writeFile(file, 'INFO one\n');
    await symlink(file, at('agent.log'));
    const from = await place();
    await appendFile(file, 'ERROR one\n');
    if (how === 'renamed') await rename(file, rotated);
    else {
      await copyFile(file, rotated);
      await truncate(file);
    }
    await appendFile(file, 'INFO\n');
    const found = await readFrom(from);
    expect(found).toMatchObject(seen(['ERROR one']));
    expect(found).not.toHaveProperty('missed');
  });
});

describe('what lies beside a log', () => {
  it('is no part of it when it is the log of another, or leads to itself', async () => {
    const { at, place, readFrom } = await machine();
    await writeFile(at('agent.log'), 'INFO one\n');
    const from = await place();
    await symlink('loop', at('loop'));
    await rename(at('agent.log'), at('agent.log.1'));
    await aged(at('agent.log.1'), 2_000);
    await writeFile(at('agent-2.log'), 'ERROR of another agent\n');
    await writeFile(at('agent.log'), 'ERROR two\n');
    expect(await readFrom(from)).toMatchObject(seen(['ERROR two']));
  });

  it.each(['agent.log.1.zip', 'agent.log.1.lz4', 'agent.log.1.xz'])(
    'was missed when it is packed: %s',
    async (packed) => {
      const { at, place, readFrom } = await machine();
      await writeFile(at('agent.log'), 'INFO one\n');
      const from = await place();
      await rename(at('agent.log'), at('agent.log.2'));
      await aged(at('agent.log.2'), 2_000);
      await writeFile(at(packed), 'what nobody here unpacks');
      await writeFile(at('agent.log'), 'INFO new\n');
      expect(await readFrom(from)).toMatchObject({ missed: 1 });
    },
  );

  it('shows how a level is written, though gzip has it by now', async () => {
    const { at, logs } = await machine();
    await writeFile(at('agent.log'), '');
    await writeFile(at('agent.log.1.gz'), gzipSync('INFO one\n'));
    expect(await logs.logLine({ path })).toEqual({ line: 'INFO one', entries: { all: 1, stated: 1 } });
  });

  it('speaks for a log that was rotated just now, and has one line of a library', async () => {
    const { at, logs } = await machine();
    const line = 'I1120 10:00:00.000000 1 lib.go:1] connected';
    await writeFile(at('agent.log.1'), `it works\n${'it works on\n'.repeat(40_000)}`);
    await writeFile(at('agent.log'), `${line}\n`);
    const { line: shown, entries } = await logs.logLine({ path });
    expect(shown).toBe(line);
    expect(entries).toMatchObject({ stated: 1 });
    expect(entries!.all).toBeGreaterThan(10_000);
  });
});
