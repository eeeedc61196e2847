// Where a machine publishes the ports of what the week makes. Docker goes past the host's firewall, so the address is what keeps others out.
import { z } from 'zod';
import { isEveryInterface, spelt } from '../addresses.ts';
import type { Refuse } from './refuse.ts';

const ways = ['address', 'every-interface'] as const;

export const Listen = z.enum(ways, `${ways.join(' or ')}; a list of addresses is its machine's (machines[].listen)`);

export const MachineListen = z.union(
  [z.enum(ways), z.array(z.union([z.ipv4(), z.ipv6()])).min(1, 'at least one address')],
  `${ways.join(', ')} or a list of the machine's own addresses`,
);

interface Listening {
  listen?: z.infer<typeof Listen> | undefined;
  machines: { name: string; address: string; listen?: z.infer<typeof MachineListen> | undefined }[];
}

/** Addresses of the machine, with its loopback; undefined: every interface, as a plan that does not say it has it. */
export function listensAt({ listen, machines }: Listening, name: string): string[] | undefined {
  const machine = machines.find((one) => one.name === name);
  const said = machine?.listen ?? listen;
  if (!machine || said === undefined || said === 'every-interface') return undefined;
  return said === 'address' ? [...new Set([machine.address, loopbackOf(machine.address)])] : said;
}

/** Machines of which nobody has said where. */
export function unsaid({ listen, machines }: Listening): string[] {
  return machines.filter((machine) => (machine.listen ?? listen) === undefined).map(({ name }) => name);
}

export function refuseListen({ machines }: Listening, refuse: Refuse): void {
  machines.forEach(({ listen }, index) => {
    if (!Array.isArray(listen)) return;
    const all = listen.map(spelt);
    listen.forEach((address, item) => {
      const path = ['machines', index, 'listen', item];
      if (isEveryInterface(address)) refuse(path, 'an address; every one of them is "listen: every-interface"');
      if (all.indexOf(spelt(address)) !== item) refuse(path, 'an address that is not there twice');
    });
  });
}

/** Of the family by which others reach it. */
function loopbackOf(address: string): string {
  return address.includes(':') ? '::1' : '127.0.0.1';
}
