// What a mountinfo says: names with odd characters, and on which volume a directory lies.
import { expect, it } from 'vitest';
import { parseMounts, volumeIn } from '../../../activities/files/mountinfo.ts';

const mounts = parseMounts(
  [
    '27 1 254:0 / / rw,relatime - ext4 /dev/vda rw',
    '42 27 8:1 / /srv/a\\040volume\\134x rw,relatime shared:1 master:2 - xfs /dev/sdb1 rw',
    '43 27 8:1 /data/pc2 /pc2 rw,relatime - xfs /dev/sdb1 rw',
    '44 27 254:0 /var/lib/x /pc2/own rw - ext4 /dev/vda rw',
    '45 27 0:40 / /pc2 rw - tmpfs tmpfs\\0401 rw',
    '',
  ].join('\n'),
);

it('names mount points, what is mounted and from where, with blanks and backslashes', () => {
  expect(mounts.map(({ point }) => point)).toEqual(['/', '/srv/a volume\\x', '/pc2', '/pc2/own', '/pc2']);
  expect(mounts[2]).toEqual({ point: '/pc2', root: '/data/pc2', source: '/dev/sdb1' });
  expect(mounts[4]?.source).toBe('tmpfs 1');
});

it.each([
  ['/etc', '/', '/etc'],
  ['/srv/a volume\\x/y', '/srv/a volume\\x', '/y'],
  ['/srv/a volume', '/', '/srv/a volume'],
  ['/pc2/own/z', '/pc2/own', '/var/lib/x/z'],
  // The last one that was mounted there hides the one below.
  ['/pc2', '/pc2', '/'],
  ['/pc2x', '/', '/pc2x'],
])('%s lies on the volume at %s, which calls it %s', (directory, point, inside) => {
  expect(volumeIn(mounts, directory)).toMatchObject({ point, inside });
});

it('a directory is the same on its volume whatever that is mounted as, and another where that is away', () => {
  const [whole, bound, away] = [
    [{ point: '/data', root: '/', source: '' }],
    [{ point: '/pc2', root: '/data/pc2', source: '' }],
    [{ point: '/', root: '/', source: '' }],
  ];
  expect(volumeIn(whole, '/data/data/pc2/x').inside).toBe(volumeIn(bound, '/pc2/x').inside);
  expect(volumeIn(away, '/pc2/x').inside).not.toBe(volumeIn(bound, '/pc2/x').inside);
});
