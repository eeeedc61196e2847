// Whether a secured NATS will work, before there is one: its certificates, its secrets, and what the week and pilots connect with.
import type { NatsAsk } from '../../plan/machine-api/access.ts';
import { natsFilesAt } from '../../plan/schema/nats-access.ts';
import { wrongSecrets } from '../../plan/tasks/shared/secrets-file.ts';
import { within } from '../context/cancellation.ts';
import type { Host } from '../context/host.ts';
import type { Look } from '../host/look.ts';
import { contentOf, secretOf } from '../http/reach.ts';
import { lookAtCertificates } from './certificates.ts';
import { publicOf } from './login.ts';

const readMs = 5_000;

export function looksAtNats(host: Host, { certificates, secrets, users }: NatsAsk): Look[] {
  return [
    ...certificates.map((one) => ({
      what: `certificates of ${one.server}`,
      look: () => lookAtCertificates(host, one),
    })),
    ...(secrets ? [{ what: `secrets ${secrets.path}`, look: () => lookAtSecrets(host, secrets) }] : []),
    ...users.map((one) => ({ what: `login of messaging.users.${one.whose}`, look: () => lookAtUser(host, one) })),
  ];
}

async function lookAtSecrets(host: Host, { path, wanted }: NonNullable<NatsAsk['secrets']>): Promise<string> {
  const text = await contentOf('messaging.secretsFile', host.path(path), within(readMs));
  const wrong = wrongSecrets(text, wanted);
  if (wrong) throw new Error(`${path} on ${host.machine}: ${wrong}`);
  return `it has ${Object.keys(wanted).join(', ')}`;
}

/** Of agents too: the worker can't be their user, and reads what they will. */
async function lookAtUser(host: Host, user: NatsAsk['users'][number]): Promise<string> {
  const { caFile, nkey, basicAuth } = natsFilesAt(user, host.path);
  if (caFile) await contentOf('messaging.tls.caFile', caFile, within(readMs));
  if (nkey) {
    const { publicKey, ...named } = nkey;
    const found = publicOf(await secretOf(named, within(readMs)));
    if (found !== publicKey)
      throw new Error(`its seed on ${host.machine} is that of ${found}, and nkey.publicKey is ${publicKey}`);
    return 'its seed is that of its public key';
  }
  const { passwordFile, passwordEnv } = basicAuth!;
  await secretOf({ passwordFile, passwordEnv }, within(readMs));
  return 'its password is there';
}
