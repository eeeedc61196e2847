// What the lab makes of machines' names: addresses, namespaces, sockets and directories. Pure.
import { join } from 'node:path';
import { machineId } from '../plan/names.ts';
import { hostsFile, labDirectory, projectDirectory } from './state.ts';

/** One of the plan's machines as the lab builds it. */
export interface LabMachine {
  /** As the plan spells it. */
  name: string;
  /** The name in lower case: namespace and queue. */
  id: string;
  address: string;
  /** Directory of everything below. */
  directory: string;
  root: string;
  /** What a secured plan has at `siteDirectory`. */
  site: string;
  state: string;
  dockerSocket: string;
  /** Docker's own bridge, address and prefix. */
  dockerBridge: string;
  supervisorConfig: string;
  supervisorSocket: string;
  workerLog: string;
}

/** Where a secured plan has the files with which its targets answer and are asked: on each machine its own, at the same path. */
export const siteDirectory = join(labDirectory, 'site');
export const hostAddress = '10.77.0.254';
export const controlLog = join(labDirectory, 'control.log');

/** From the machines' names, in the order of the plan. */
export function labMachines(names: string[]): LabMachine[] {
  if (names.length > 200) throw new Error(`The lab has room for 200 machines; the plan has ${names.length}`);
  return names.map((name, index) => {
    const id = machineId(name);
    const directory = join(labDirectory, 'machines', id);
    const root = join(directory, 'root');
    return {
      name,
      id,
      address: `10.77.0.${index + 1}`,
      directory,
      root,
      site: join(root, siteDirectory),
      state: join(directory, 'state'),
      dockerSocket: join(directory, 'docker.sock'),
      dockerBridge: `172.30.${index + 1}.1/24`,
      supervisorConfig: join(directory, 'supervisord.conf'),
      supervisorSocket: join(directory, 'supervisor.sock'),
      workerLog: join(directory, 'worker.log'),
    };
  });
}

/** The /etc/hosts that every process on a lab machine sees. */
export function hostsText(machines: LabMachine[]): string {
  return [
    '127.0.0.1 localhost',
    '::1 localhost',
    ...machines.map(({ name, address }) => `${address} ${name}`),
    '',
  ].join('\n');
}

/** The command that runs a program as if on this machine: in its network, with its /etc/hosts, with its files of a secured plan at their path. */
export function entering(machine: LabMachine, program: string, args: string[]): [program: string, args: string[]] {
  return [
    join(projectDirectory, 'lab/enter.sh'),
    [machine.id, hostsFile, siteDirectory, machine.site, program, ...args],
  ];
}
