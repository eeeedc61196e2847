// Flags of a NATS server's command that go before the file that the week writes, and must not say otherwise.
import type { Plan } from '../../schema/plan.ts';
import type { Refuse } from '../../schema/refuse.ts';
import { namedDirectory } from '../shared/config-directory.ts';
import { saidIn } from '../shared/fallbacks.ts';
import type { NatsServer } from './schema.ts';

/** By the key of the plan that says it; NATS takes each name with one dash and with two. */
const same: {
  names: string[];
  key: string;
  of: (server: NatsServer, messaging: Plan['messaging']) => string | undefined;
}[] = [
  { names: ['p', 'port'], key: 'ports.client.container', of: ({ ports }) => String(ports.client.container) },
  { names: ['m', 'http_port'], key: 'ports.monitor.container', of: ({ ports }) => String(ports.monitor.container) },
  { names: ['c', 'config'], key: 'configFile', of: configPath },
  { names: ['sd', 'store_dir'], key: 'store', of: ({ store }) => store },
  { names: ['l', 'log', 'log_file'], key: 'logFile', of: ({ logFile }) => logFile },
  { names: ['n', 'name', 'server_name'], key: 'name', of: ({ name }) => name },
  { names: ['cluster_name'], key: 'messaging.cluster', of: (_, { cluster }) => cluster },
  { names: ['a', 'addr', 'net'], key: 'the file of the week', of: () => '0.0.0.0' },
];

/** What the file says of clients and routes; a login or TLS the week does not have. */
const never =
  'cluster cluster_listen cluster_advertise client_advertise routes ms https_port user pass auth tls tlscert tlskey tlsverify tlscacert'.split(
    ' ',
  );

export function refuseOtherwise(server: NatsServer, index: number, { messaging }: Plan, refuse: Refuse): void {
  const at = ['services', index, 'command'];
  for (const { names, key, of } of same) {
    const said = saidIn(server, ...flags(names));
    const wanted = of(server, messaging);
    if (said !== undefined && wanted !== undefined && said !== wanted)
      refuse(at, `no ${spelled(names[0]!)} ${said}, which goes before ${key}: ${wanted},`);
  }
  // A switch has its value after "=", or none.
  const stores = server.command.findLast((part) => /^--?(js|jetstream)(=|$)/.test(part));
  if (stores && /=(0|f|F|false|False|FALSE)$/.test(stores))
    refuse(at, `no ${stores}, which turns off what keeps the week's messages,`);
  for (const name of never)
    if (server.command.some((part) => flags([name]).includes(part.split('=')[0]!)))
      refuse(at, `no ${spelled(name)}, which goes before what the week writes into ${server.configFile},`);
}

/** A command that names another file alone is refused by name. */
function configPath(server: NatsServer): string | undefined {
  const named = namedDirectory(server);
  return named && `${named.mount}/${server.configFile}`;
}

function flags(names: string[]): string[] {
  return names.flatMap((name) => [`-${name}`, `--${name}`]);
}

function spelled(name: string): string {
  return name.length > 2 ? `--${name}` : `-${name}`;
}
