// Whether every image is there, and new enough.
import { imageNotes, imageWarnings } from '../../../schema/images.ts';
import type { Evaluation } from '../../../week/record.ts';
import { imagesResolved } from '../../shared/container.ts';
import { warned } from '../../shared/verdict.ts';
import { type Oldest, tooOld } from '../../shared/versions.ts';

/** What programs in images say of their version; null where that is none. */
export interface VersionFound {
  image: string;
  oldest: Oldest;
  version: string | null;
}

/** Of what is there under a name that may mean another image tomorrow, people are told; of what is too old for the week, that it is. */
export function imagesAreHere(found: Parameters<typeof imagesResolved>[0], versions: VersionFound[] = []): Evaluation {
  const resolved = imagesResolved(found);
  const old = versions.flatMap(({ image, oldest, version }) => (version && tooOld(image, version, oldest)) || []);
  const untold = versions.filter(({ version }) => version === null).map(({ image }) => image);
  const images = found.map(({ image }) => image);
  const verdict = old.length > 0 ? 'fail' : resolved.verdict;
  const summary = [...new Set(old), resolved.summary, ...imageNotes(images)].join('; ');
  return warned({ ...resolved, verdict, summary }, [
    ...imageWarnings(images),
    ...(untold.length > 0
      ? [`${[...new Set(untold)].join(', ')}: says no version to --version, so nobody knows whether it is new enough`]
      : []),
  ]);
}
