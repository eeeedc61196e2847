// What a secured plan's files hold in the lab: certificates of an authority of its own, passwords and tokens that no other lab has. Made once.
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import { type Access, filesOfAccess } from '../plan/schema/access.ts';
import type { Plan, Service } from '../plan/schema/plan.ts';
import { accessOf } from '../plan/tasks/shared/access.ts';
import { authorityDirectory, authorityIn, sign, type Signed } from './certificates.ts';
import { type LabMachine, siteDirectory } from './layout.ts';
import { includedSecrets, seedOf } from './nats-secrets.ts';
import { hashOf, newSecret } from './secrets.ts';
import { authority } from './secured.ts';

/** Its containers run as this user, and read what is theirs. */
const nobody = 65534;

/** Where the agents of a machine have the certificate with which they answer. */
export const agentsCertificate: Signed = {
  cert: `${siteDirectory}/agents/agents.pem`,
  key: `${siteDirectory}/agents/agents.key`,
};

/** The web configuration of what is there before the week; all others the plan names. */
export function webConfigOf(service: Service): string | undefined {
  if ('webConfigFile' in service) return service.webConfigFile;
  return accessOf(service).scheme === 'https' ? `${siteDirectory}/${service.name}/web.yml` : undefined;
}

/** Makes what is missing of it on each machine; nothing for a plan that secures nothing. */
export async function siteUp(plan: Plan, machines: LabMachine[], signers = authorityDirectory): Promise<void> {
  const files = secretsOf(plan);
  const foreign = files.find((file) => !file.startsWith(`${siteDirectory}/`));
  if (foreign)
    throw new Error(`The lab makes the files of secured targets below ${siteDirectory}; the plan names ${foreign}`);
  if (files.length === 0) return;
  const signer = await authorityIn(signers);
  const { nkey } = plan.messaging.users?.week ?? {};
  const seed = nkey && seedOf(nkey.publicKey, signers);
  const secrets = new Map(files.map((file) => [file, contentOf(file, machines)]));
  for (const machine of machines) {
    mkdirSync(machine.site, { recursive: true, mode: 0o755 });
    copyFileSync(signer.cert, join(machine.root, authority));
    for (const [file, secret] of secrets) give(join(machine.root, file), `${secret}\n`, nobody);
    if (nkey?.seedFile) give(join(machine.root, nkey.seedFile), `${seed}\n`, 0);
    await certificate(signer, machine, agentsCertificate, 0);
    for (const service of plan.services) if (service.machine === machine.name) await answering(service, machine);
    if (plan.services.some((service) => 'ports' in service && service.machine === machine.name))
      await messaging(machine);
  }

  /** The servers run as root. */
  async function messaging(machine: LabMachine): Promise<void> {
    const { tls, secretsFile } = plan.messaging;
    // A client that began at another server and goes over to this one may look for the name of that one.
    const names = machines.map(({ name }) => name);
    if (tls) await certificate(signer, machine, { cert: tls.certFile, key: tls.keyFile }, 0, names);
    if (!secretsFile) return;
    give(join(machine.root, secretsFile), await includedSecrets(plan, (file) => secrets.get(file)!), 0);
  }

  async function answering(service: Service, machine: LabMachine): Promise<void> {
    const file = webConfigOf(service);
    if (!file || existsSync(join(machine.root, file))) return;
    const [cert, key] = ['server.pem', 'server.key'];
    const beside = { cert: join(dirname(file), cert), key: join(dirname(file), key) };
    await certificate(signer, machine, beside, nobody);
    const { basicAuth } = accessOf(service);
    const users = basicAuth && { [basicAuth.username]: await hashOf(secrets.get(basicAuth.passwordFile!)!) };
    const config = { tls_server_config: { cert_file: cert, key_file: key }, ...(users && { basic_auth_users: users }) };
    give(join(machine.root, file), stringify(config), nobody);
  }
}

/** Passwords and tokens, by the files that the plan names for them. */
function secretsOf(plan: Plan): string[] {
  const users: Access[] = Object.values(plan.messaging.users ?? {}).map(({ basicAuth }) => ({ basicAuth }));
  const asked = [...plan.services.map(accessOf), ...plan.agents, ...users].flatMap(({ basicAuth, authorization }) =>
    filesOfAccess({ basicAuth, authorization }),
  );
  return [...new Set(asked)];
}

/** All machines have the same: a machine that lost it gets that of another. */
function contentOf(file: string, machines: LabMachine[]): string {
  const there = machines.map(({ root }) => join(root, file)).find((path) => existsSync(path));
  return there ? readFileSync(there, 'utf8').trim() : newSecret();
}

async function certificate(
  signer: Signed,
  machine: LabMachine,
  { cert, key }: Signed,
  owner: number,
  others: string[] = [],
): Promise<void> {
  const into = { cert: join(machine.root, cert), key: join(machine.root, key) };
  if (existsSync(into.cert)) return;
  ownDirectory(dirname(into.cert), owner);
  await sign(signer, into, {
    names: [...new Set([machine.name, ...others, 'localhost'])],
    addresses: [machine.address, '127.0.0.1'],
  });
  for (const path of [into.cert, into.key]) {
    chownSync(path, owner, owner);
    chmodSync(path, 0o400);
  }
}

/** Only its owner reads it, from the moment on at which it is there. */
function give(path: string, text: string, owner: number): void {
  if (existsSync(path)) return;
  mkdirSync(dirname(path), { recursive: true, mode: 0o750 });
  writeFileSync(`${path}.new`, text, { mode: 0o400 });
  chownSync(`${path}.new`, owner, owner);
  renameSync(`${path}.new`, path);
}

function ownDirectory(path: string, owner: number): void {
  mkdirSync(path, { recursive: true, mode: 0o750 });
  chownSync(path, owner, owner);
}
