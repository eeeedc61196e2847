// Paths of a machine, and URLs that name it.
import { expect, it } from 'vitest';
import { hostOf } from '../../../activities/context/host.ts';

const machine = { name: 'PC2', address: '127.0.0.1', docker: '/d', supervisor: '/s', state: '/st' };

it('puts paths under the root and takes them off again', () => {
  const host = hostOf({ ...machine, root: '/lab/pc2/' });
  expect(host.path('/pc2/data')).toBe('/lab/pc2/pc2/data');
  expect(host.planned('/lab/pc2/pc2/data')).toBe('/pc2/data');
  expect(host.planned('/lab/pc22/data')).toBe('/lab/pc22/data');
  expect(hostOf({ ...machine, root: '/' }).path('/pc2/data')).toBe('/pc2/data');
});

it('reaches what is its own by address, and leaves other names alone', () => {
  const host = hostOf({ ...machine, name: 'MainPC', address: '10.77.0.1', root: '/' });
  expect(host.own('http://MainPC:9000/-/ready')).toBe('http://10.77.0.1:9000/-/ready');
  expect(host.own('http://PC2:9100')).toBe('http://PC2:9100');
  expect(hostOf({ ...machine, name: 'MainPC', address: 'fd00::1', root: '/' }).own('http://MainPC:9000')).toBe(
    'http://[fd00::1]:9000',
  );
});

it('asks what is its own by address and in its name, where that must be in a certificate', () => {
  const host = hostOf({ ...machine, name: 'MainPC', address: '10.77.0.1', root: '/' });
  const basicAuth = { username: 'week', passwordFile: '/p' };
  expect(host.own('https://MainPC:9000/x')).toEqual({
    url: 'https://10.77.0.1:9000/x',
    tlsConfig: { serverName: 'MainPC' },
  });
  expect(host.own({ url: 'http://MainPC:9000', basicAuth })).toEqual({ url: 'http://10.77.0.1:9000', basicAuth });
  const tlsConfig = { caFile: '/ca', serverName: 'hub.example' };
  expect(host.own({ url: 'https://MainPC:9000', tlsConfig })).toEqual({ url: 'https://10.77.0.1:9000', tlsConfig });
});

it('reaches a target with files of its own, and a URL as it is', () => {
  const host = hostOf({ ...machine, root: '/lab/pc2' });
  expect(host.reach('http://PC2:9100')).toBe('http://PC2:9100');
  expect(
    host.reach({
      url: 'https://PC2:9100',
      tlsConfig: { caFile: '/ca', serverName: 'hub.example' },
      authorization: { credentialsEnv: 'TOKEN' },
    }),
  ).toEqual({
    url: 'https://PC2:9100',
    credentials: {
      tlsConfig: { caFile: '/lab/pc2/ca', serverName: 'hub.example' },
      authorization: { credentialsEnv: 'TOKEN' },
    },
  });
});
