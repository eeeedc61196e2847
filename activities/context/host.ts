// Where activities act: one machine, its root directory, Docker socket, supervisor and ledger.
import Docker from 'dockerode';
import { posix } from 'node:path';
import type { PlannedAs } from '../../plan/machine-api/host.ts';
import { type HttpTarget, urlOf } from '../../plan/machine-api/target.ts';
import { type Credentials, credentialsOf, withFiles } from '../../plan/schema/access.ts';
import type { Machine } from '../../plan/schema/plan.ts';
import { nodeFiles, type FileSystem } from '../files/file-system.ts';
import { namingFullDisk } from '../files/full.ts';
import type { Reach } from '../http/reach.ts';

export interface Host {
  machine: string;
  /** What the plan of this worker says of the machine. */
  plannedAs: PlannedAs;
  /** A path of the plan as a path of this host. */
  path(planned: string): string;
  /** The reverse: a path of this host as the plan knows it. */
  planned(path: string): string;
  /** A target of the plan as it is asked from here. */
  reach(target: HttpTarget): string | Reach;
  /** A target that names this machine, by its address: an undo must not need anybody to resolve names. */
  own(target: HttpTarget): HttpTarget;
  docker: Docker;
  supervisorConfig: string;
  /** Directory of the ledger and of details of evidence. */
  state: string;
  files: FileSystem;
}

export function hostOf(machine: Machine): Host {
  const root = machine.root.replace(/\/+$/, '');
  const path = (planned: string) => posix.join(root || '/', planned);
  const here = (credentials: Credentials): Credentials => withFiles(credentialsOf(credentials), path);
  return {
    machine: machine.name,
    plannedAs: {
      address: machine.address,
      root: machine.root,
      docker: machine.docker,
      supervisor: machine.supervisor,
      state: machine.state,
    },
    path,
    planned: (found) => (root && found.startsWith(`${root}/`) ? found.slice(root.length) : found),
    reach: (target) => (typeof target === 'string' ? target : { url: target.url, credentials: here(target) }),
    own: (target) => {
      const { hostname, protocol } = new URL(urlOf(target));
      if (hostname !== machine.name.toLowerCase()) return target;
      const address = machine.address.includes(':') ? `[${machine.address}]` : machine.address;
      const url = urlOf(target).replace(/\/\/[^/:]+/, `//${address}`);
      const credentials = typeof target === 'string' ? {} : credentialsOf(target);
      // Its certificate goes by its name.
      const tlsConfig = { serverName: machine.name, ...credentials.tlsConfig };
      if (protocol === 'https:') return { url, ...credentials, tlsConfig };
      return typeof target === 'string' ? url : { url, ...credentials };
    },
    docker: new Docker({ socketPath: machine.docker }),
    supervisorConfig: machine.supervisor,
    state: machine.state,
    files: namingFullDisk(nodeFiles),
  };
}
