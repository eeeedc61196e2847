import { expect, it } from 'vitest';
import { hostAndPort } from '../../plan/host-and-port.ts';

it.each([
  ['127.0.0.1:7233', '127.0.0.1', 7233],
  ['[::1]:17233', '::1', 17_233],
  ['[2001:db8::7]', '2001:db8::7', 1],
  ['temporal.example.org:443', 'temporal.example.org', 443],
  ['localhost', 'localhost', 1],
])('%s has a host and a port', (address, host, port) => {
  expect(hostAndPort(address, 1)).toEqual({ host, port });
});

it.each(['::1:7233', 'host:port'])('%j is refused, with how it is written', (address) => {
  expect(() => hostAndPort(address, 7233)).toThrow(
    `${address} is no HOST:PORT; an IPv6 address stands in brackets, as [::1]:7233`,
  );
});
