// One HTTP request with a time-out, as a plain answer: nothing here throws.
import { type Access, loginOf, withTls } from './access.ts';

/** `status` is 0 when there was no answer; `reason` says why, or names the status. */
export interface Answer {
  status: number;
  reason: string;
}

export async function request(
  url: string,
  timeoutMs: number,
  init: Omit<RequestInit, 'headers'> & { headers?: Record<string, string> } = {},
  access: Access = {},
): Promise<Answer> {
  try {
    const headers = { ...init.headers, ...(await loginOf(access)) };
    return await withTls(access, async (by) => {
      const response = await by(url, { ...init, headers, signal: AbortSignal.timeout(timeoutMs) });
      const text = await response.text();
      return {
        status: response.status,
        reason: response.ok ? 'ok' : `HTTP ${response.status} ${text.slice(0, 200).trim()}`.trim(),
      };
    });
  } catch (error) {
    return { status: 0, reason: explain(error as Error, timeoutMs) };
  }
}

export function succeeded(answer: Answer): boolean {
  return answer.status >= 200 && answer.status < 300;
}

function explain(error: Error, timeoutMs: number): string {
  if (error.name === 'TimeoutError') return `no answer in ${timeoutMs} ms`;
  const cause = error.cause as { code?: string; message?: string } | undefined;
  return cause?.code ?? cause?.message ?? error.message;
}
