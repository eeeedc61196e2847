// Where activities act: one machine, its root directory, Docker socket, supervisor and ledger.
import Docker from 'dockerode';
import { posix } from 'node:path';
import type { PlannedAs } from '../../plan/machine-api/host.ts';
import type { Machine } from '../../plan/schema/plan.ts';
import { nodeFiles, type FileSystem } from '../files/file-system.ts';
import { namingFullDisk } from '../files/full.ts';

export interface Host {
  machine: string;
  /** What the plan of this worker says of the machine. */
  plannedAs: PlannedAs;
  /** A path of the plan as a path of this host. */
  path(planned: string): string;
  /** The reverse: a path of this host as the plan knows it. */
  planned(path: string): string;
  /** A URL that names this machine, by its address: an undo must not need anybody to resolve names. */
  own(url: string): string;
  docker: Docker;
  supervisorConfig: string;
  /** Directory of the ledger and of details of evidence. */
  state: string;
  files: FileSystem;
}

export function hostOf(machine: Machine): Host {
  const root = machine.root.replace(/\/+$/, '');
  return {
    machine: machine.name,
    plannedAs: {
      address: machine.address,
      root: machine.root,
      docker: machine.docker,
      supervisor: machine.supervisor,
      state: machine.state,
    },
    path: (path) => posix.join(root || '/', path),
    planned: (path) => (root && path.startsWith(`${root}/`) ? path.slice(root.length) : path),
    own: (url) => {
      const { hostname } = new URL(url);
      const address = machine.address.includes(':') ? `[${machine.address}]` : machine.address;
      return hostname === machine.name.toLowerCase() ? url.replace(/\/\/[^/:]+/, `//${address}`) : url;
    },
    docker: new Docker({ socketPath: machine.docker }),
    supervisorConfig: machine.supervisor,
    state: machine.state,
    files: namingFullDisk(nodeFiles),
  };
}
