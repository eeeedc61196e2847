// Published ports, as this build and earlier ones tell them.
import { expect, it } from 'vitest';
import { isPublished, publishedPorts } from '../../../plan/machine-api/ports.ts';

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
