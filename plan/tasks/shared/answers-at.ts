// A program of Prometheus' family answers where the plan asks it: flags of its command that say otherwise are refused.
import type { Plan } from '../../schema/plan.ts';
import type { Refuse } from '../../schema/refuse.ts';
import { allSaidIn, saidIn } from './fallbacks.ts';
import { externalFlag, webConfigFlag } from './web.ts';

interface Asked {
  command: string[];
  port: { container: number };
  pathPrefix?: string | undefined;
  webConfigFile?: string | undefined;
}

const listenFlag = '--web.listen-address';
const prefixFlag = '--web.route-prefix';

/** Those of which it takes several. */
const lists = [listenFlag, '--enable-feature'];

/** It does not start with any other flag that is there twice. */
export function refuseRepeated({ command }: Asked, index: number, refuse: Refuse): void {
  const flags = command.filter((part) => part.startsWith('--')).map((part) => part.split('=')[0]!);
  const twice = flags.find((flag, place) => flags.indexOf(flag) < place && !lists.includes(flag));
  if (twice) refuse(['services', index, 'command'], `${twice} once (it "cannot be repeated")`);
}

/** `ownPort`: where it listens when its command does not say. */
export function refuseElsewhere(service: Asked, index: number, ownPort: number, refuse: Refuse): void {
  const at = ['services', index];
  const { container } = service.port;
  const said = allSaidIn(service, listenFlag);
  const reached = said.filter((address) => !/^(127\.|localhost:|\[::1\]:)/.test(address));
  if (said.length > 0 && reached.length === 0)
    refuse([...at, 'command'], `no ${listenFlag} for its own container alone: it is asked from outside`);
  else if (!(said.length > 0 ? reached : [`:${ownPort}`]).some((address) => address.endsWith(`:${container}`)))
    refuse(
      [...at, 'port', 'container'],
      said.length > 0
        ? `that of ${reached.join(' or ')}, where its command listens with ${listenFlag},`
        : `${ownPort}, where it listens without ${listenFlag} in its command,`,
    );
}

/** Below another path, or by another web configuration, than its keys say: in a plan of version 1 that is as valid as it was where it has no such key. */
export function refuseOtherwise(service: Asked, index: number, version: Plan['version'], refuse: Refuse): void {
  const at = ['services', index];
  if (version === 1 && service.pathPrefix === undefined && service.webConfigFile === undefined) return;
  const { pathPrefix = '/', webConfigFile } = service;
  if (prefixOf(service) !== pathPrefix)
    refuse(
      [...at, 'command'],
      pathPrefix === '/'
        ? `no ${prefixFlag}, nor a path in ${externalFlag}, or that path as pathPrefix: it is asked at /`
        : `${pathPrefix} (its pathPrefix) by ${prefixFlag}, or as the path in ${externalFlag}`,
    );
  if (saidIn(service, webConfigFlag) !== webConfigFile)
    refuse(
      [...at, 'command'],
      webConfigFile === undefined
        ? `no ${webConfigFlag}, or its file as webConfigFile, by which it is mounted`
        : `${webConfigFlag}=${webConfigFile} (its webConfigFile)`,
    );
}

/** What is kept outside of the mounts goes with the container. `kept`: the directory that it is in. */
export function refuseUnkept(kept: object | undefined, flag: string, index: number, refuse: Refuse): void {
  if (!kept)
    refuse(
      ['services', index, 'command'],
      `${flag} with a path in the mount of one of its directories (what is kept elsewhere goes with the container)`,
    );
}

/** It answers below the path of its external URL, where nothing else is said. */
function prefixOf(service: Asked): string {
  const external = saidIn(service, externalFlag) ?? '';
  const prefix = saidIn(service, prefixFlag) ?? (URL.canParse(external) ? new URL(external).pathname : external);
  return `/${prefix.replaceAll(/^\/+|\/+$/g, '')}`;
}
