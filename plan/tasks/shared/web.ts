// How a Prometheus or a Pushgateway of the week answers: below which path, and with which web configuration. Its command says it.
import type { Raw } from '../../schema/fallback.ts';
import type { Made, Plan } from '../../schema/plan.ts';
import type { Refuse } from '../../schema/refuse.ts';
import { shortest } from '../../schema/shortest.ts';
import { textOf } from './fallbacks.ts';

export const webConfigFlag = '--web.config.file';
export const externalFlag = '--web.external-url';

/** Of a service as it is written; nothing where it says nothing. */
export function webArguments(service: Raw, usualPort: number): string[] {
  const [prefix, webConfig] = [textOf(service, 'pathPrefix'), textOf(service, 'webConfigFile')];
  const { host = usualPort } = (service['port'] ?? {}) as { host?: unknown };
  const external = `${textOf(service, 'scheme', 'http')}://${textOf(service, 'machine')}:${String(host)}${prefix}`;
  return [...(prefix ? [`${externalFlag}=${external}`] : []), ...(webConfig ? [`${webConfigFlag}=${webConfig}`] : [])];
}

/** The whole directory: the web configuration names its certificates by their names beside it, and may be put there anew. */
export function webDirectory(service: Made): string | undefined {
  const file = 'webConfigFile' in service ? service.webConfigFile : undefined;
  return file && (shortest(file).replace(/\/[^/]*$/, '') || '/');
}

/** Where the product keeps its own settings, the notices' secrets among them. */
const productsOwn = '/etc/hubshift';

/** Where a system keeps what is of many, such as the keys of others; and where all of it is somebody else's. */
const ofMany = [
  ...['/etc/ssl', '/etc/pki', '/etc/pki/tls'].flatMap((one) => [one, `${one}/private`, `${one}/certs`]),
  '/usr/local',
  '/usr/local/etc',
  '/usr/share',
  '/var/lib',
  '/var/log',
  '/var/run',
  '/root/.ssh',
];
const ofOthers = [
  '/dev',
  '/proc',
  '/sys',
  '/boot',
  '/etc/ssh',
  '/etc/letsencrypt',
  '/var/lib/docker',
  '/var/lib/containerd',
];

function isOfTheSystem(directory: string): boolean {
  return (
    /^\/[^/]*$/.test(directory) ||
    ofMany.includes(directory) ||
    ofOthers.some((one) => `${directory}/`.startsWith(`${one}/`))
  );
}

/** The directory is the container's to read, with all that is in it. Without the file nothing answers by TLS. */
export function refuseWeb(service: Made, index: number, { machines }: Pick<Plan, 'machines'>, refuse: Refuse): void {
  const directory = webDirectory(service);
  if ('scheme' in service && service.scheme === 'https' && directory === undefined)
    refuse(
      ['services', index, 'scheme'],
      `a webConfigFile with its tls_server_config, by which ${service.name} answers, or http`,
    );
  if ('basicAuth' in service && service.basicAuth && directory === undefined)
    refuse(
      ['services', index, 'basicAuth'],
      `a webConfigFile with its basic_auth_users, without which ${service.name} answers anybody, or no login`,
    );
  if ('authorization' in service && service.authorization)
    refuse(
      ['services', index, 'authorization'],
      `basicAuth: what the week makes knows users with passwords, by its webConfigFile, and no tokens`,
    );
  const state = machines.find(({ name }) => name === service.machine)?.state ?? '/';
  if (
    directory !== undefined &&
    (isOfTheSystem(directory) || directory === productsOwn || meet(directory, state) || isNoFile(service))
  )
    refuse(
      ['services', index, 'webConfigFile'],
      `a file in a directory of its own, such as ${productsOwn}/${service.name}/web.yml: the whole directory is mounted into the container`,
    );
}

function isNoFile(service: Made): boolean {
  return 'webConfigFile' in service && /\/\.?$/.test(service.webConfigFile ?? '');
}

/** One of them is in the other. */
function meet(one: string, other: string): boolean {
  return `${one}/`.startsWith(`${other}/`) || `${other}/`.startsWith(`${one}/`);
}
