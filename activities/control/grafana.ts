// Annotations of Grafana: one for each matter, which becomes a region of time when the matter is over. Grafana keeps which it was, by a tag.
import { ApplicationFailure } from '@temporalio/common';
import { annotationOf, closes, isAbout, type Annotation, type Kept } from '../../plan/week/annotation.ts';
import type { Notice } from '../../plan/week/notice.ts';
import type { Answer } from '../http/request.ts';

/** One request to Grafana; throws when it does not answer. */
export type Ask = (method: 'GET' | 'POST' | 'PATCH', path: string, body?: unknown) => Promise<Answer>;

const path = '/api/annotations';
const isFine = ({ status }: Answer) => status >= 200 && status <= 299;

/** Puts a notice there, unless it is there already: a try before this one may have got through without an answer. The answer that decides. */
export async function annotate(ask: Ask, notice: Notice): Promise<Answer> {
  const annotation = annotationOf(notice);
  const search = new URLSearchParams({ tags: isAbout(notice), type: 'annotation', limit: '100' });
  const looked = await ask('GET', `${path}?${search}`);
  if (!isFine(looked)) return looked;
  // The newest comes first.
  const kept = keptIn(looked).sort((a, b) => a.time - b.time);
  const [first] = kept;
  if (closes(notice) && first) return close(ask, looked, first, annotation, notice.at);
  return kept.some(({ time }) => time === annotation.time) ? looked : ask('POST', path, annotation);
}

async function close(ask: Ask, looked: Answer, first: Kept, { text }: Annotation, timeEnd: number): Promise<Answer> {
  if (first.timeEnd === timeEnd) return looked;
  return ask('PATCH', `${path}/${first.id}`, { timeEnd, text: `${first.text}\n${text}` });
}

/** What is behind the URL may be anything that answers 200. */
function keptIn({ status, text }: Answer): Kept[] {
  try {
    const kept: unknown = JSON.parse(text);
    if (Array.isArray(kept)) return kept as Kept[];
  } catch {
    // Below.
  }
  throw ApplicationFailure.nonRetryable(
    `answered ${status} without a list of annotations: see that the channel's url is Grafana's`,
  );
}
