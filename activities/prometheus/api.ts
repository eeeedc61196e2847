// The HTTP API of a Prometheus server.
import { below, urlOf } from '../../plan/machine-api/target.ts';
import type { Reach } from '../http/reach.ts';
import { NotSeen, whyRefused } from '../http/refused.ts';
import { firstLine, request } from '../http/request.ts';

/** The `data` of an API answer. Throws with the server's own error. */
export async function api<T>(
  hub: string | Reach,
  path: string,
  parameters: Record<string, string> = {},
  timeoutMs?: number,
): Promise<T> {
  const url = urlOf(below(hub, `/api/v1/${path}`));
  const { status, text, clean } = await request(
    below(hub, `/api/v1/${path}?${new URLSearchParams(parameters)}`),
    timeoutMs === undefined ? {} : { timeoutMs },
  );
  const answer = readJson(text) as { status?: string; data?: T; error?: string } | null;
  if (answer?.status === 'success') return answer.data as T;
  const refused = whyRefused(hub, { status, text });
  const said = `${url} answered ${status}: ${answer?.error === undefined ? firstLine(clean(text)) : clean(answer.error)}${status === 404 ? elsewhere : refused}`;
  throw new (refused ? NotSeen : Error)(parameters.query ? `${said} (query ${parameters.query})` : said);
}

/** A Prometheus has all of its API, or is not there. */
const elsewhere = ' (no Prometheus answers there: is it below a path, which pathPrefix says?)';

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

export function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(3);
}
