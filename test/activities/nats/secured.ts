// A cluster of two servers on loopback with TLS, users and encryption, by the configurations that a plan renders.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nkeys } from 'nats';
import { natsServerBinary } from '../../../lab/binaries.ts';
import { type Plan, servicesOf } from '../../../plan/schema/plan.ts';
import { natsConfig } from '../../../plan/tasks/messaging/config.ts';
import { monitorUrl } from '../../../plan/tasks/shared/nats.ts';
import { weekPlan } from '../../plan/tasks/plan.ts';
import { type Authority, authority } from '../certificates.ts';
import { freePorts, type Program, startProgram } from '../programs.ts';

/** A word and its bcrypt hash, of the least cost that there is: a server makes it anew for each connection. */
const [password, hash] = ['test', '$2b$04$abcdefghijklmnopqrstuuoD8yw7MmybLKVooaTGGZAt3HXugv2.a'];

export interface SecuredCluster {
  plan: Plan;
  ca: Authority;
  /** Where the servers store. */
  stores: string[];
  remove(): Promise<void>;
}

/** A seed in a file, and its public key. */
export async function nkeyIn(file: string): Promise<{ publicKey: string; seedFile: string }> {
  const pair = nkeys.createUser();
  await writeFile(file, `${new TextDecoder().decode(pair.getSeed())}\n`, { mode: 0o600 });
  return { publicKey: pair.getPublicKey(), seedFile: file };
}

/** The week logs in by an nkey, agents by a password. */
export async function securedCluster(): Promise<SecuredCluster> {
  const ca = await authority();
  const { directory } = ca;
  const file = (name: string) => join(directory, name);
  const plan = weekPlan();
  const machine = 'localhost';
  Object.assign(plan.machines[0]!, { name: machine, address: '127.0.0.1' });
  plan.messaging = {
    ...plan.messaging,
    tls: { caFile: ca.caFile, ...(await ca.sign(machine)) },
    users: {
      week: { nkey: await nkeyIn(file('week.seed')) },
      agents: { basicAuth: { username: 'pilots', passwordFile: file('agents.password') } },
    },
    encryption: 'chachapoly',
    secretsFile: file('secrets.conf'),
  };
  await writeFile(file('agents.password'), `${password}\n`);
  await writeFile(file('secrets.conf'), `jetstream_key: "a key for tests"\nagents_password: "${hash}"\n`);

  const servers = servicesOf(plan, 'nats');
  const ports = await freePorts(servers.length * 3);
  const port = () => {
    const one = ports.pop()!;
    return { host: one, container: one };
  };
  for (const server of servers) {
    const config = join(directory, server.name);
    Object.assign(server, { machine, ports: { client: port(), monitor: port(), cluster: port() } });
    Object.assign(server, { directories: [{ path: config, owner: '0:0', mount: config }] });
    Object.assign(server, { command: ['-c', join(config, server.configFile)], logFile: join(config, 'log') });
    Object.assign(server, { store: join(config, 'store') });
    await mkdir(config);
  }
  const program = await natsServerBinary();
  const programs: Program[] = [];
  for (const server of servers) {
    const path = server.command[1]!;
    await writeFile(path, natsConfig(plan, server));
    programs.push(await startProgram(program, ['-c', path], `${monitorUrl(server)}/varz`));
  }
  return {
    plan,
    ca,
    stores: servers.map(({ store }) => store),
    async remove() {
      await Promise.all(programs.map((one) => one.stop('SIGKILL')));
      await ca.remove();
    },
  };
}
