// Published ports, as this build and earlier ones tell them.
import { expect, it } from 'vitest';
import { isPublished, publishedPorts, publishedText } from '../../../plan/machine-api/ports.ts';

const ports = [
  { host: 9100, container: 9090 },
  { host: 4223, container: 4222 },
];

it('come from the answer of this build', () => {
  expect(publishedPorts({ published: ports, ports: [] })).toEqual(ports);
});

it('come from the texts of a build that knew nothing else', () => {
  expect(publishedPorts({ ports: ['9100->9090', '4223->4222'] })).toEqual(ports);
  expect(publishedPorts({ ports: [] })).toEqual([]);
});

it('are the same only in both parts', () => {
  expect(isPublished({ host: 4223, container: 4222 }, ports)).toBe(true);
  expect(isPublished({ host: 4222, container: 4222 }, ports)).toBe(false);
  expect(isPublished({ host: 9100, container: 4222 }, ports)).toBe(false);
});

it('are the same only at the same addresses, in whatever order and spelling', () => {
  const [port] = ports;
  const at = (...addresses: string[]) => ({ ...port!, addresses });
  expect(isPublished(at('10.0.0.2', 'fd00::1'), [at('FD00:0::1', '10.0.0.2')])).toBe(true);
  for (const other of [port!, at('10.0.0.2'), at('10.0.0.2', 'fd00::1', '127.0.0.1')]) {
    expect(isPublished(at('10.0.0.2', 'fd00::1'), [other])).toBe(false);
    expect(isPublished(other, [at('10.0.0.2', 'fd00::1')])).toBe(false);
  }
  expect(publishedText(at('127.0.0.1', '10.0.0.2'))).toBe('10.0.0.2, 127.0.0.1: 9100->9090');
});
