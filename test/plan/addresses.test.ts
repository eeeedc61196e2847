// One address, however it is spelt.
import { expect, it } from 'vitest';
import { isEveryInterface, isLoopback, leadThere, spelt } from '../../plan/addresses.ts';

it.each([
  ['10.0.0.1', '10.0.0.1'],
  ['::ffff:10.0.0.1', '10.0.0.1'],
  ['::FFFF:a00:1', '10.0.0.1'],
  ['0:0:0:0:0:ffff:10.0.0.1', '10.0.0.1'],
  ['::ffff:0.0.0.0', '0.0.0.0'],
  ['fd00:0:0::2', '[fd00::2]'],
  ['fe80::1%eth0', '[fe80::1]'],
  ['::10.0.0.1', '[::a00:1]'],
])('%s is %s', (address, as) => expect(spelt(address)).toBe(as));

it('what stands for all of them, or for the machine itself, does so in every spelling', () => {
  for (const all of ['', '0.0.0.0', '::', '0::0', '::ffff:0.0.0.0']) expect(isEveryInterface(all)).toBe(true);
  for (const own of ['127.0.0.1', '127.0.1.1', '::1', '0:0::1', '::ffff:127.0.0.1']) expect(isLoopback(own)).toBe(true);
  for (const other of ['10.0.0.1', '::ffff:10.0.0.1', '::2']) {
    expect(isEveryInterface(other)).toBe(false);
    expect(isLoopback(other)).toBe(false);
  }
});

it('a name leads there by one of the same family', () => {
  const also = () => false;
  expect(leadThere(['fd00:0::2', '10.0.0.9'], 'fd00::2', also)).toBe(true);
  expect(leadThere(['::ffff:10.0.0.1'], '10.0.0.1', also)).toBe(true);
  expect(leadThere(['::ffff:10.0.0.1', '10.0.0.9'], '10.0.0.1', also)).toBe(false);
});
