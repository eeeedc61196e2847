// One HTTP request with a time-out, as a plain answer: nothing here throws.

/** `status` is 0 when there was no answer; `reason` says why, or names the status. */
export interface Answer {
  status: number;
  reason: string;
}

export async function request(url: string, timeoutMs: number, init: RequestInit = {}): Promise<Answer> {
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(timeoutMs) });
    const text = await response.text();
    return {
      status: response.status,
      reason: response.ok ? 'ok' : `HTTP ${response.status} ${text.slice(0, 200).trim()}`.trim(),
    };
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
