// What other programs of the host say is read right.
import { expect, test } from 'vitest';
import { mountsBelow } from '../../lab/clean.ts';
import { parseLdd } from '../../lab/image-build.ts';
import { holderOf, installMissing } from '../../lab/install.ts';

test('a port is held by whoever listens on the address or on all of them', () => {
  const line = (local: string) => `LISTEN 0 4096 ${local}:7233 0.0.0.0:* users:(("temporal",pid=42,fd=8))`;

  for (const local of ['127.0.0.1', '0.0.0.0', '*', '[::]'])
    expect(holderOf(line(local), '127.0.0.1'), local).toBe('process 42 (temporal)');
  expect(holderOf(line('10.77.0.254'), '127.0.0.1')).toBeUndefined();
  expect(holderOf('', '127.0.0.1')).toBeUndefined();
  expect(holderOf('LISTEN 0 4096 0.0.0.0:7233 0.0.0.0:*', '127.0.0.1')).toBe('a process that this user may not see');
});

test('shared libraries and the loader go into an image; a missing one is refused by name', () => {
  const output =
    '\tlinux-vdso.so.1 (0x00007f)\n\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f)\n\t/lib64/ld-linux-x86-64.so.2 (0x00007f)\n';

  expect(parseLdd(output, 'prometheus')).toEqual(['/lib/x86_64-linux-gnu/libc.so.6', '/lib64/ld-linux-x86-64.so.2']);
  expect(() => parseLdd('\tlibodd.so.1 => not found\n', 'prometheus')).toThrow('prometheus needs libodd.so.1');
});

test('mounts below a directory come innermost first, and neighbours are left alone', () => {
  const mountinfo = ['/', '/lab', '/lab/docker\\040data', '/lab/docker\\040data/merged', '/laboratory']
    .map((point, id) => `${id} 1 0:1 / ${point} rw - tmpfs tmpfs rw`)
    .join('\n');

  expect(mountsBelow(mountinfo, '/lab')).toEqual(['/lab/docker data/merged', '/lab/docker data', '/lab']);
});

test('nothing is installed when a person says no, and the error names packages and commands', async () => {
  const asked: string[] = [];
  const ask = async (question: string) => {
    asked.push(question);
    return false;
  };

  const refused = installMissing(
    [
      { command: 'ls', package: 'coreutils' },
      { command: 'hubshift-no-such', package: 'hubshift-none' },
    ],
    { report: () => {}, ask },
  );

  await expect(refused).rejects.toThrow(/hubshift-none.*hubshift-no-such/s);
  expect(asked).toEqual(['Install the Debian packages hubshift-none?']);
});
