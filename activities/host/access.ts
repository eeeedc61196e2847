// Whether logins, certificates and web configurations are where the plan says: tried as requests and containers will. Tells nothing of a secret.
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import pMap from 'p-map';
import type { AccessAsk } from '../../plan/machine-api/access.ts';
import { type Credentials, withFiles } from '../../plan/schema/access.ts';
import { within } from '../context/cancellation.ts';
import type { Host } from '../context/host.ts';
import { inspect } from '../docker/container.ts';
import { authorityIn, certificateIn, soonOver } from '../http/certificates.ts';
import { contentOf, loginOf, type Reach } from '../http/reach.ts';
import { adviceOn, NotSeen, whyRefused } from '../http/refused.ts';
import { request, rootOf } from '../http/request.ts';
import { looksAtNats } from '../nats/looks.ts';
import { programStatus } from '../programs/programs.ts';
import type { Found, Look } from './look.ts';
import { barred, nameOf, type Reader, readerBy, readerOf, whatBars } from './readers.ts';
import { webConfig } from './web-config.ts';

const readMs = 5_000;
/** A machine may be asked by hundreds. */
const sideBySide = 16;

export function looksAtAccess(host: Host, { logins, mounted, seen, read = [], web, nats }: AccessAsk): Look[] {
  // One file is that of many logins.
  const told = new Set<string>();
  return [
    ...logins.map((one) => ({ what: `login at ${namesOf(one.targets)}`, look: () => login(host, one, told) })),
    ...mounted.map(({ path, container, user }) => ({
      what: `file ${path} of ${container}`,
      look: () => readBy(host, path, readerBy(user), { name: container, top: host.path(path) }),
    })),
    ...seen.flatMap(({ container, files }) =>
      files.map((path) => ({ what: `file ${path} in ${container}`, look: () => seenBy(host, path, container) })),
    ),
    ...read.flatMap(({ program, files }) =>
      files.map((path) => ({ what: `file ${path} of ${program}`, look: () => readByProgram(host, path, program) })),
    ),
    ...web.map((one) => ({ what: `web configuration ${one.path}`, look: () => webConfig(host, one) })),
    ...(nats ? looksAtNats(host, nats) : []),
  ];
}

type Login = AccessAsk['logins'][number];

function namesOf([first, ...others]: Login['targets']): string {
  return `${first?.url}${others.length > 0 ? ` and ${others.length} more` : ''}`;
}

/** What all of them are asked with is read once, and each that is there is asked. */
async function login(host: Host, { targets, credentials }: Login, told: Set<string>): Promise<Found> {
  const here = withFiles(credentials, host.path);
  await loginOf({ url: '', credentials: here }, within(readMs)).then(({ close }) => close?.());
  const there = targets.filter(({ isThere }) => isThere);
  const found = await pMap(there, ({ url }) => whyNot({ url, credentials: here }), { concurrency: sideBySide });
  const wrong = found.filter((why) => why !== undefined);
  const more = wrong.length > 3 ? ` (and ${wrong.length - 3} more)` : '';
  if (wrong.length > 0) throw new Error(`${wrong.slice(0, 3).join('; ')}${more}`);
  const warnings = (await soonOverOf(host, here)).filter((one) => !told.has(one));
  for (const one of warnings) told.add(one);
  const detail =
    there.length > 0
      ? `its files and variables are there, and nobody of ${there.length} refuses them`
      : 'its files and variables are there';
  return warnings.length === 0 ? detail : { detail, warning: warnings.join('; ') };
}

async function soonOverOf(host: Host, { tlsConfig: { caFile, certFile } = {} }: Credentials): Promise<string[]> {
  const [ca, cert] = await Promise.all([
    contentOf('tlsConfig.caFile', caFile, within(readMs)),
    contentOf('tlsConfig.certFile', certFile, within(readMs)),
  ]);
  const found = [
    ca !== undefined && soonOver(authorityIn(ca, caFile!), `${host.planned(caFile!)} on ${host.machine}`),
    cert !== undefined && soonOver(certificateIn(cert, certFile!), `${host.planned(certFile!)} on ${host.machine}`),
  ];
  return found.filter((one) => typeof one === 'string');
}

/** One that is down is no matter of logins: others look at it. */
async function whyNot(target: Reach): Promise<string | undefined> {
  try {
    const { status, text } = await request(target, { timeoutMs: readMs });
    const refused = whyRefused(target, { status, text });
    return refused ? `${target.url} answers ${status}${refused}` : undefined;
  } catch (error) {
    const isTold = error instanceof NotSeen || adviceOn(target, rootOf(error as Error)) !== '';
    return isTold ? (error as Error).message : undefined;
  }
}

/** `top`: from where on the way to it matters. */
async function readBy(host: Host, path: string, reader: Reader, { name, top }: { name: string; top: string }) {
  const bar = await whatBars(host.path(path), reader, top).catch((error: NodeJS.ErrnoException) => {
    throw new Error(`${path} is not on ${host.machine} (${error.code ?? error.message}), and ${name} reads it`, {
      cause: error,
    });
  });
  if (bar) throw barred(host, bar, reader, name);
  return `${nameOf(reader)} may read it`;
}

/** As whom it runs now; the week starts it again as the same. */
async function readByProgram(host: Host, path: string, program: string) {
  const { pid, state } = await programStatus(host, program);
  const reader = pid === null ? null : await readerOf(pid);
  if (reader) return readBy(host, path, reader, { name: program, top: dirname(host.path('/any')) });
  const warning = `${program} on ${host.machine} is ${state}, so that nobody knows as whom it reads ${path}`;
  return { detail: 'not tried', warning };
}

/** Of what its image brings along nobody knows here. */
async function seenBy(host: Host, path: string, container: string) {
  const found = await inspect(host, container);
  const mount = found?.Mounts.filter(({ Destination }) => `${path}/`.startsWith(`${Destination}/`)).toSorted(
    (a, b) => b.Destination.length - a.Destination.length,
  )[0];
  if (!found || !mount)
    return {
      detail: 'not seen',
      warning: `${container} on ${host.machine} has nothing mounted at ${path}, which it is going to read: mount it there (filesIn says where a hub sees it)`,
    };
  const source = `${mount.Source}${path.slice(mount.Destination.length)}`;
  await stat(source).catch((error: NodeJS.ErrnoException) => {
    throw new Error(
      `${container} on ${host.machine} sees no ${path}, which it is going to read: put it to ${host.planned(source)} (${error.code ?? error.message})`,
      { cause: error },
    );
  });
  const reader = found.State.Running ? await readerOf(found.State.Pid) : null;
  const bar = reader && (await whatBars(source, reader, mount.Source));
  if (bar) throw barred(host, bar, reader, container);
  return `it is ${host.planned(source)}${reader ? `, and ${nameOf(reader)} may read it` : ''}`;
}
