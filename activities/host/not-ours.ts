// What the week is going to make, looked at before it begins: nothing of it may be somebody else's. As the steps refuse it, so it is refused here.
import type { Makes } from '../../plan/machine-api/host.ts';
import type { Host } from '../context/host.ts';
import { inspect } from '../docker/container.ts';
import { refuseWithRm } from '../docker/former.ts';
import { refuseForeign } from '../docker/whose.ts';
import { readIfThere } from '../files/disk.ts';
import { refuseJobs } from '../files/scrape-jobs.ts';
import { refuseDirectory, refuseOwner } from '../files/whose.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { refuseConsumers, refuseStream } from '../nats/streams.ts';
import { refuseAddresses } from './addresses.ts';
import { refusePort } from './ports.ts';

/** A look at each thing: throws when it is not this run's to make. */
export function looksAt(host: Host, ledger: Ledger, makes: Makes): { what: string; look: () => Promise<void> }[] {
  const { run, containers, directories, jobs, streams, ports = [], addresses, owners = [], adopted } = makes;
  return [
    { what: 'the ledger', look: () => ledger.mayOpen(run) },
    ...(addresses
      ? [{ what: `listening at ${addresses.join(', ')}`, look: () => refuseAddresses(host, addresses) }]
      : []),
    ...ports.map((wanted) => ({
      what: `port ${wanted.port}`,
      look: () => refusePort(host, { ...wanted, addresses }),
    })),
    ...containers.map((name) => ({
      what: `container ${name}`,
      look: async () => refuseForeign(host, ledger, run, await inspect(host, name)),
    })),
    ...directories.map((path) => ({
      what: `directory ${path}`,
      look: () => refuseDirectory(host, ledger, run, path),
    })),
    ...owners.map((wanted) => ({
      what: `owner of ${wanted.path}`,
      look: () => refuseOwner(host, ledger, run, wanted),
    })),
    ...(adopted?.containers ?? []).map((name) => ({
      what: `container ${name}, taken over`,
      look: async () => refuseWithRm(host, await inspect(host, name)),
    })),
    ...(adopted?.streams ?? []).map(({ server, name, consumers }) => ({
      what: `consumers of ${name}, taken over`,
      look: () => refuseConsumers(host, server, name, consumers),
    })),
    ...jobs.map(({ path, names }) => ({
      what: `scrape jobs in ${path}`,
      look: async () =>
        refuseJobs(host, ledger, run, { path, current: await readIfThere(host.path(path), host.files), names }),
    })),
    ...streams.map(({ server, name }) => ({
      what: `stream ${name}`,
      look: () => refuseStream(host, ledger, run, server, name),
    })),
  ];
}
