// Where EdgeHub keeps its samples.
import { saidIn } from '../shared/fallbacks.ts';
import { directoryOf, inContainer } from '../shared/mounts.ts';
import type { EdgeHub } from './schema.ts';

export const storageFlag = '--storage.tsdb.path';
/** Prometheus' own. */
const storageUnsaid = 'data/';
/** That of Prometheus' image. */
const workingDirectory = '/prometheus';

/** The directory that has them; undefined where they go with the container. */
export function storageDirectory(edge: EdgeHub): EdgeHub['directories'][number] | undefined {
  return directoryOf(edge, inContainer(saidIn(edge, storageFlag) ?? storageUnsaid, workingDirectory));
}
