// What of a target's access a plan can't mean: two logins, TLS without https, files that an undo removes, or that whoever asks does not have.
import { type Access, filesOfAccess, variablesOfAccess } from '../../schema/access.ts';
import type { Made, Plan, Service } from '../../schema/plan.ts';
import type { Refuse } from '../../schema/refuse.ts';
import { shortest } from '../../schema/shortest.ts';
import { bare } from './mounts.ts';
import { natsFiles } from './nats.ts';

/** Of a service that is not asked over HTTP: nothing. */
export function accessOf(service: Service): Access {
  return service as Access;
}

type Path = (string | number)[];

/** Of a target for itself, whoever asks it. */
export function refuseAccess(access: Access, path: Path, refuse: Refuse): void {
  const { scheme, tlsConfig, basicAuth, authorization } = access;
  if (tlsConfig && scheme !== 'https') refuse([...path, 'tlsConfig'], 'scheme: https beside it, or no tlsConfig');
  if (basicAuth && authorization) refuse([...path, 'authorization'], 'no basicAuth beside it: a request has one login');
}

/** A hub that asks a target has files alone: its configuration can name no variable of a worker. */
export function refuseVariables(access: Access, path: Path, hub: string, refuse: Refuse): void {
  for (const name of variablesOfAccess(access))
    refuse(
      [...path, access.basicAuth ? 'basicAuth' : 'authorization'],
      `a file (${access.basicAuth ? 'passwordFile' : 'credentialsFile'}) in the place of ${name}: ${hub} asks it too, and its configuration can name only files${path[0] === 'services' ? ' (a hub asks every service, so that a variable is for agents)' : ''}`,
    );
}

/** An undo removes all below the base of what the week makes, and a mount hides what is below it. */
export function refuseFiles(plan: Plan, refuse: Refuse): void {
  const made = plan.services.filter((service): service is Made => 'base' in service);
  const check = (files: string[], path: Path) => {
    const own = made.find(({ base }) => files.some((file) => liesIn(file, base)));
    if (own) refuse(path, `files outside of ${own.base}, which an undo of ${own.name} removes`);
    const hidden = made.flatMap(({ name, directories }) =>
      directories.flatMap(({ mount }) =>
        files.filter((file) => liesIn(file, mount)).map((file) => ({ name, file, mount })),
      ),
    )[0];
    if (!own && hidden)
      refuse(
        path,
        `files outside of ${hidden.mount}, where ${hidden.name} has a directory of its own: ${hidden.file} is mounted at its own path`,
      );
  };
  plan.services.forEach((service, index) => {
    check(filesOfAccess(accessOf(service)), ['services', index]);
    if ('webConfigFile' in service && service.webConfigFile)
      check([service.webConfigFile], ['services', index, 'webConfigFile']);
  });
  plan.agents.forEach((agent, index) => check(filesOfAccess(agent), ['agents', index]));
  check(natsFiles(plan), ['messaging']);
}

/** Also where one of them is spelled otherwise, as a plan of version 1 may have it. */
function liesIn(file: string, directory: string): boolean {
  return shortest(file).startsWith(`${bare(shortest(directory))}/`);
}
