// Docker of one machine, as activities: images, containers, their logs, and containers that run once.
import type { ContainerActivities } from '../../plan/machine-api/containers.ts';
import type { Host } from '../context/host.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { refuseAddresses } from '../host/addresses.ts';
import { capacity } from './capacity.ts';
import { inspect } from './container.ts';
import { seconds, specDigest } from './container-spec.ts';
import { deploy } from './deploy.ts';
import { answerMs, engine, statusOf } from './engine.ts';
import { putFormerAside } from './former.ts';
import { ensureImage, resolveImage } from './images.ts';
import { matchLines, plainLog } from './log.ts';
import { runOnce } from './run-once.ts';
import { stateOf } from './state.ts';
import { refuseForeign } from './whose.ts';

export function containerActivities(host: Host, ledger: Ledger): ContainerActivities {
  return {
    async dockerVersion() {
      const { Version, ApiVersion, Os } = await engine(host, 'say its version', () => host.docker.version());
      return { version: Version, apiVersion: ApiVersion, os: Os };
    },
    ensureImage: ({ image }) => ensureImage(host, image),
    resolveImage: ({ image }) => resolveImage(host, image),

    async deployContainer({ change, spec, adopt = false, notAfterMs }) {
      await refuseAddresses(host, spec.listen);
      if (adopt) await putFormerAside(host, ledger, change, spec.name, notAfterMs);
      await refuseForeign(host, ledger, change.run, await inspect(host, spec.name));
      return ledger.change(
        change,
        `container ${spec.name}`,
        async () => ({
          kind: 'container.remove',
          name: spec.name,
          specDigest: specDigest(spec),
          stopGraceMs: spec.stopGraceMs,
        }),
        () => deploy(host, ledger, change.run, spec),
        { isAnswer: (error) => statusOf(error) !== undefined },
      );
    },

    capacity: ({ directories }) => capacity(host, directories),

    async inspectContainer({ name }) {
      return stateOf(await inspect(host, name), host.planned);
    },

    async restartContainer({ name, stopGraceMs, run }) {
      if (run !== undefined) await refuseForeign(host, ledger, run, await inspect(host, name));
      // A restart keeps the restart policy; a stop or a kill through the API would switch it off.
      await engine(
        host,
        `restart ${name}`,
        (abortSignal) => host.docker.getContainer(name).restart({ t: seconds(stopGraceMs), abortSignal }),
        stopGraceMs + answerMs,
      );
      const { State } = await engine(host, `inspect ${name}`, (abortSignal) =>
        host.docker.getContainer(name).inspect({ abortSignal }),
      );
      return { stoppedMs: Date.parse(State.StartedAt) - Date.parse(State.FinishedAt), startedAt: State.StartedAt };
    },

    async containerLog({ name, sinceMs, patterns, except }) {
      const log = await engine(host, `read the log of ${name}`, (abortSignal) =>
        host.docker
          .getContainer(name)
          .logs({ stdout: true, stderr: true, follow: false, since: (sinceMs / 1000).toFixed(3), abortSignal }),
      );
      return matchLines(await plainLog(host, log), patterns, except);
    },

    runOnce: (ask) => runOnce(host, ask),
  };
}
