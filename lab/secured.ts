// A plan as it is, with TLS and a login on everything that can have them. Pure: what its files hold is made in the lab (site.ts).
import { parseDocument } from 'yaml';
import type { Access } from '../plan/schema/access.ts';
import { isMade, type Service } from '../plan/schema/plan.ts';
import { readPlan } from '../plan/schema/read.ts';
import { webConfigFlag } from '../plan/tasks/shared/web.ts';
import { siteDirectory } from './layout.ts';

const user = 'week';
export const authority = `${siteDirectory}/ca.pem`;
const token = `${siteDirectory}/agents.token`;

/**
 * Comments stay. `weekKey` is the public nkey with which the week connects to NATS. Throws for a plan that leaves it to its defaults what the
 * week makes: there is nothing to write the keys to.
 */
export function securedPlan(text: string, weekKey: string): string {
  const plan = readPlan(text, 'the plan to secure');
  const document = parseDocument(text);
  const written = (document.toJS() as { services?: { command?: string[] }[] }).services ?? [];
  if (written.length !== plan.services.length)
    throw new Error(
      'The plan leaves services to its defaults: name all of them in it, as plan/starter.yaml does, to have them secured',
    );
  const set = (path: (string | number)[], values: object) => {
    for (const [key, value] of Object.entries(values)) document.setIn([...path, key], document.createNode(value));
  };
  plan.services.forEach((service, index) => {
    const keys = keysOf(service);
    const command = written[index]?.command;
    // A command that the plan spells out says for itself by which file it answers.
    const flag =
      'webConfigFile' in keys && command ? { command: [...command, `${webConfigFlag}=${keys.webConfigFile}`] } : {};
    set(['services', index], { ...keys, ...flag });
  });
  plan.agents.forEach((_, index) => {
    set(['agents', index], { ...byTls, authorization: { credentialsFile: token } });
  });
  set(['messaging'], messaging(weekKey));
  set(['migration'], { access: { via: 'yaml' } });
  return document.toString({ lineWidth: 0 });
}

const byTls = { scheme: 'https', tlsConfig: { caFile: authority } } as const satisfies Access;

/** Both ways to log in: the week by an nkey, agents by a password. */
function messaging(publicKey: string): object {
  const file = (name: string) => `${siteDirectory}/nats/${name}`;
  return {
    tls: { caFile: authority, certFile: file('server.pem'), keyFile: file('server.key') },
    users: {
      week: { nkey: { publicKey, seedFile: `${siteDirectory}/nats-week.seed` } },
      agents: { basicAuth: { username: 'agents', passwordFile: `${siteDirectory}/nats-agents.password` } },
    },
    encryption: 'chachapoly',
    secretsFile: file('secrets.conf'),
  };
}

function keysOf(service: Service): object {
  const file = (name: string) => `${siteDirectory}/${service.name}${name}`;
  if ('ports' in service) return {};
  const login = { ...byTls, basicAuth: { username: user, passwordFile: file('.password') } };
  return isMade(service)
    ? { ...login, webConfigFile: file('/web.yml') }
    : { ...login, pathPrefix: '/prometheus', filesIn: '/run/secrets' };
}
