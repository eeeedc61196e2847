// Parts of the samples that no verdict may pass, where several need them.
import type { ContainerState } from '../../machine-api/containers.ts';
import type { DirectoryState } from '../../machine-api/files.ts';
import type { HubStatus } from '../../machine-api/prometheus.ts';
import type { Results } from './undone.ts';

export const probe = { url: 'http://nowhere:1/', ok: false, latencyMs: 0 };
export const unfound = { found: false, value: undefined, waitedMs: 0, error: 'refused' };
export const noContainer: ContainerState = {
  exists: false,
  ours: false,
  running: false,
  status: '',
  image: '',
  specDigest: null,
  restartPolicy: '',
  ports: [],
  binds: [],
  command: [],
  startedAt: '',
  pid: 0,
  restarts: 0,
};
export const noDirectory: DirectoryState = { path: '/', exists: false, owner: '', mode: '', freeBytes: 0, made: false };
export const refused = { job: 'job', instance: 'nowhere:1', health: 'down', lastError: 'refused' };

export const emptyStatus: HubStatus = {
  version: '',
  retention: '15d',
  jobs: [],
  outOfOrderWindow: null,
  scrapeInterval: '',
  reloadSuccessful: false,
  oldestSampleMs: null,
};

/** What an agent shows that is on both hubs. */
export const dual = {
  active: { found: true, value: 'primary', waitedMs: 0 },
  hubs: {
    found: true,
    value: [
      { role: 'primary', reachable: true },
      { role: 'fallback', reachable: true },
    ],
    waitedMs: 0,
  },
};

export function entry(
  kind: Results[number]['kind'],
  target: string,
  result: Results[number]['result'] = 'undone',
): Results[number] {
  return { entry: 1, step: '', machine: 'one', kind, target, result, ms: 0 };
}
