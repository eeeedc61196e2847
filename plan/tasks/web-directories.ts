// What else lies in the directory of a web configuration: a container gets all of it to read.
import type { Access } from '../schema/access.ts';
import { isMade, type Plan } from '../schema/plan.ts';
import type { Refuse } from '../schema/refuse.ts';
import { shortest } from '../schema/shortest.ts';
import { readsOf } from './services.ts';
import { accessOf } from './shared/access.ts';
import { webDirectory } from './shared/web.ts';

/** Secrets that the plan names for somebody else. What the container asks others with it has anyway, and authorities are no secret. */
export function refuseStrangeSecrets(plan: Plan, refuse: Refuse): void {
  const named = secretsOf(plan);
  plan.services.forEach((service, index) => {
    const directory = isMade(service) ? webDirectory(service) : undefined;
    if (!isMade(service) || directory === undefined) return;
    const its = [...secretsIn(accessOf(service)), ...readsOf(plan, service)].map((file) => file && shortest(file));
    const strange = named.find(
      ({ file }) => shortest(file).startsWith(`${directory}/`) && !its.includes(shortest(file)),
    );
    if (strange)
      refuse(
        ['services', index, 'webConfigFile'],
        `a file in a directory without ${strange.file}, a secret of ${strange.of}: the whole directory is mounted into the container, so that ${service.name} could read it`,
      );
  });
}

function secretsOf({ services, agents, messaging: { tls, users, secretsFile } }: Plan): { of: string; file: string }[] {
  const ofUsers = Object.values(users ?? {}).flatMap(({ nkey, basicAuth }) => [
    nkey?.seedFile,
    basicAuth?.passwordFile,
  ]);
  return [
    ...services.map((service) => ({ of: service.name, files: secretsIn(accessOf(service)) })),
    ...agents.map((agent) => ({ of: agent.name, files: secretsIn(agent) })),
    { of: 'messaging', files: [tls?.keyFile, ...ofUsers, secretsFile] },
  ].flatMap(({ of, files }) => files.flatMap((file) => (file === undefined ? [] : [{ of, file }])));
}

function secretsIn({ tlsConfig, basicAuth, authorization }: Access): (string | undefined)[] {
  return [tlsConfig?.keyFile, basicAuth?.passwordFile, authorization?.credentialsFile];
}
