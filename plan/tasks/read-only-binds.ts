// What a container of the week reads of its machine beside its own directories: files of logins and certificates, and its web configuration.
import type { Bind } from '../machine-api/containers.ts';
import type { Made, Plan } from '../schema/plan.ts';
import { shortest } from '../schema/shortest.ts';
import { readsOf } from './services.ts';
import { bare } from './shared/mounts.ts';
import { webDirectory } from './shared/web.ts';

/** At the path that they have on the machine, so that a file which names them means the same on both. */
export function readOnlyBinds(plan: Plan, service: Made): Bind[] {
  const directory = webDirectory(service);
  // A plan of version 1 may spell one file in two ways, which Docker would take for two mounts at one place.
  const each = new Set(readsOf(plan, service).map((path) => bare(shortest(path))));
  const files = [...each].filter((path) => directory === undefined || !path.startsWith(`${directory}/`));
  return [...(directory === undefined ? [] : [directory]), ...files].map((path) => ({
    host: path,
    container: path,
    readOnly: true,
  }));
}
