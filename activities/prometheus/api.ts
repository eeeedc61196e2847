// The HTTP API of a Prometheus server.
import { firstLine, request } from '../http/request.ts';

/** The `data` of an API answer. Throws with the server's own error. */
export async function api<T>(
  hub: string,
  path: string,
  parameters: Record<string, string> = {},
  timeoutMs?: number,
): Promise<T> {
  const url = `${base(hub)}/api/v1/${path}`;
  const { status, text } = await request(
    `${url}?${new URLSearchParams(parameters)}`,
    timeoutMs === undefined ? {} : { timeoutMs },
  );
  const answer = readJson(text) as { status?: string; data?: T; error?: string } | null;
  if (answer?.status !== 'success')
    throw new Error(
      `${url} answered ${status}: ${answer?.error ?? firstLine(text)}${parameters.query ? ` (query ${parameters.query})` : ''}`,
    );
  return answer.data as T;
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

export function base(hub: string): string {
  return hub.replace(/\/+$/, '');
}

export function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(3);
}
