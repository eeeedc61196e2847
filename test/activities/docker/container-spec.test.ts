// The digest of a container's specification.
import { expect, it } from 'vitest';
import type { ContainerSpec } from '../../../plan/machine-api/containers.ts';
import {
  canonicalJson,
  createOptions,
  hostEntries,
  limitsIn,
  seconds,
  specDigest,
} from '../../../activities/docker/container-spec.ts';

const spec: ContainerSpec = {
  name: 'a',
  image: 'i',
  restart: 'always',
  ports: [{ host: 1, container: 2 }],
  binds: [{ host: '/h', container: '/c', readOnly: true }],
  command: ['x', 'y'],
  extraHosts: { B: '2', A: '1' },
  stopGraceMs: 100,
};

it('does not depend on the order of keys', () => {
  const { name, image, ...others } = spec;
  expect(specDigest({ ...others, extraHosts: { A: '1', B: '2' }, image, name })).toBe(specDigest(spec));
});

it('differs with any value, and with the order of the command', () => {
  const others: ContainerSpec[] = [
    { ...spec, image: 'j' },
    { ...spec, command: ['y', 'x'] },
    { ...spec, ports: [{ host: 2, container: 2 }] },
    { ...spec, binds: [{ host: '/h', container: '/c' }] },
    { ...spec, stopGraceMs: 101 },
  ];
  expect(new Set([spec, ...others].map(specDigest)).size).toBe(6);
});

it('is that of before where nothing is limited, and another with each limit', () => {
  const limits = [undefined, { cpus: 1 }, { cpus: 2 }, { memoryBytes: 1 }, { log: { maxBytes: 1, maxFiles: 1 } }];
  expect(specDigest({ ...spec, limits: undefined })).toBe(specDigest(spec));
  expect(new Set(limits.map((one) => specDigest({ ...spec, limits: one }))).size).toBe(5);
});

it('asks Docker for the limits in its own words, and reads them back', () => {
  const limits = { cpus: 1.5, memoryBytes: 2 ** 30, log: { maxBytes: 2 ** 20, maxFiles: 3 } };
  const asked = createOptions({ ...spec, limits }, 'run', (path) => path).HostConfig!;
  expect(asked).toMatchObject({
    NanoCpus: 1_500_000_000,
    Memory: 1_073_741_824,
    LogConfig: { Type: 'json-file', Config: { 'max-size': '1048576', 'max-file': '3' } },
  });
  expect(limitsIn(asked)).toEqual(limits);
});

it('leaves what is not limited to Docker, and takes 0 and other drivers for no limit', () => {
  const { HostConfig } = createOptions(spec, 'run', (path) => path);
  expect(Object.keys(HostConfig!)).not.toEqual(expect.arrayContaining(['NanoCpus']));
  expect(HostConfig).not.toHaveProperty('Memory');
  expect(HostConfig).not.toHaveProperty('LogConfig');
  expect(limitsIn({ NanoCpus: 0, Memory: 0, LogConfig: { Type: 'journald', Config: {} } })).toEqual({});
});

it('is that of before where the plan does not say where it listens, and is published at each address where it does', () => {
  const listen = ['10.0.0.2', '::1'];
  expect(specDigest({ ...spec, listen: undefined } as unknown as ContainerSpec)).toBe(specDigest(spec));
  expect(specDigest({ ...spec, listen })).not.toBe(specDigest(spec));
  expect(createOptions({ ...spec, listen }, 'run', (path) => path).HostConfig?.PortBindings).toEqual({
    '2/tcp': [
      { HostIp: '10.0.0.2', HostPort: '1' },
      { HostIp: '::1', HostPort: '1' },
    ],
  });
  expect(createOptions(spec, 'run', (path) => path).HostConfig?.PortBindings).toEqual({ '2/tcp': [{ HostPort: '1' }] });
});

it('is the sha256 of JSON with sorted keys', () => {
  expect(canonicalJson({ b: [{ d: 1, c: undefined }], a: null })).toBe('{"a":null,"b":[{"d":1}]}');
  expect(specDigest(spec)).toMatch(/^[0-9a-f]{64}$/);
});

it('mounts read-only where asked, under the root', () => {
  expect(createOptions(spec, 'run', (path) => `/root${path}`).HostConfig?.Mounts).toEqual([
    { Type: 'bind', Source: '/root/h', Target: '/c', ReadOnly: true },
  ]);
});

it('writes hosts as --add-host does, IPv6 too', () => {
  expect(hostEntries({ PC2: '10.0.0.2', Six: 'fd00::1' })).toEqual(['PC2:10.0.0.2', 'Six:fd00::1']);
});

it('never cuts a grace short', () => {
  expect([seconds(0), seconds(1), seconds(1000), seconds(1001)]).toEqual([0, 1, 1, 2]);
});
