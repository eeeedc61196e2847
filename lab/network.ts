// The lab's network: a namespace per machine on one bridge, which lies in a namespace of its own with a leg on the host.
import { existsSync, readdirSync, rmdirSync } from 'node:fs';
import { execa } from 'execa';
import { hostAddress, type LabMachine } from './layout.ts';
import { killTree } from './process.ts';

/** Not on the host: a Docker daemon there sets FORWARD to DROP, and bridged packets vanish. */
const lanNamespace = 'hubshift-lan';
const hostLink = 'hubshift0';
const namespaceDirectory = '/var/run/netns';

/** Makes what is missing; what is there stays. Returns the machines whose namespace is new: what ran on them is cut off. */
export async function networkUp(machines: LabMachine[]): Promise<LabMachine[]> {
  await ensureNamespace(lanNamespace);
  if (!(await ip('-n', lanNamespace, 'link', 'show', 'br0')).found) {
    await must('-n', lanNamespace, 'link', 'add', 'br0', 'type', 'bridge');
    await must('-n', lanNamespace, 'link', 'set', 'br0', 'up');
  }
  if (!(await ip('link', 'show', hostLink)).found) {
    await must('link', 'add', hostLink, 'type', 'veth', 'peer', 'name', 'host', 'netns', lanNamespace);
    await must('-n', lanNamespace, 'link', 'set', 'host', 'master', 'br0', 'up');
  }
  await must('address', 'replace', `${hostAddress}/24`, 'dev', hostLink);
  await must('link', 'set', hostLink, 'up');
  const renewed: LabMachine[] = [];
  for (const [index, machine] of machines.entries()) {
    if (await ensureNamespace(machine.id)) renewed.push(machine);
    await connect(machine, `m${index + 1}`);
  }
  return renewed;
}

/** Ends whatever still runs in the lab's namespaces, then removes them and the host's leg. Returns what it removed. */
export async function networkDown(namespaces: string[]): Promise<string[]> {
  const removed: string[] = [];
  for (const namespace of [...namespaces, lanNamespace]) {
    if (!existsSync(`${namespaceDirectory}/${namespace}`)) continue;
    await killTree(await residents(namespace));
    await must('netns', 'delete', namespace);
    removed.push(`namespace ${namespace}`);
  }
  // It goes with the namespace of its other end, in the kernel's own time.
  await ip('link', 'delete', hostLink);
  if ((await ip('link', 'show', hostLink)).found) throw new Error(`the link ${hostLink} can not be deleted`);
  if (existsSync(namespaceDirectory) && readdirSync(namespaceDirectory).length === 0) {
    // "ip netns add" mounts this directory on itself; without namespaces it is of no use.
    await execa('umount', ['--no-mtab', namespaceDirectory], { reject: false, timeout: 5_000 });
    rmdirSync(namespaceDirectory);
  }
  return removed;
}

/** Whether the machine has its leg with its address. */
export async function isConnected(machine: LabMachine): Promise<boolean> {
  return (await ip('-n', machine.id, 'address', 'show', 'dev', 'eth0')).text.includes(` ${machine.address}/24 `);
}

async function connect(machine: LabMachine, port: string): Promise<void> {
  if (!(await ip('-n', machine.id, 'link', 'show', 'eth0')).found) {
    // The other end of a leg into a namespace that was lost.
    await ip('-n', lanNamespace, 'link', 'delete', port);
    await must('link', 'add', port, 'netns', lanNamespace, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', machine.id);
  }
  await must('-n', lanNamespace, 'link', 'set', port, 'master', 'br0', 'up');
  await must('-n', machine.id, 'link', 'set', 'lo', 'up');
  await must('-n', machine.id, 'address', 'replace', `${machine.address}/24`, 'dev', 'eth0');
  await must('-n', machine.id, 'link', 'set', 'eth0', 'up');
  await must('-n', machine.id, 'route', 'replace', 'default', 'via', hostAddress);
}

/** Returns whether it had to be made. */
async function ensureNamespace(name: string): Promise<boolean> {
  const alive = existsSync(`${namespaceDirectory}/${name}`) && (await ip('-n', name, 'link', 'show', 'lo')).found;
  if (alive) return false;
  // After a crash the name may be left with no namespace behind it.
  await ip('netns', 'delete', name);
  await must('netns', 'add', name);
  return true;
}

async function residents(namespace: string): Promise<number[]> {
  const { text } = await ip('netns', 'pids', namespace);
  return text.split('\n').filter(Boolean).map(Number);
}

async function ip(...args: string[]): Promise<{ found: boolean; text: string }> {
  const { exitCode, stdout } = await execa('ip', args, { reject: false, timeout: 10_000 });
  return { found: exitCode === 0, text: String(stdout) };
}

async function must(...args: string[]): Promise<void> {
  await execa('ip', args, { timeout: 10_000 });
}
