// A worker's log: one plain line an event, with the time first. Nothing but what is named here gets in, and no secret of it.
import { DefaultLogger, type LogEntry, type LogLevel } from '@temporalio/worker';
import { redact } from '../plan/secrets/redact.ts';
import { cut } from '../plan/week/cut-text.ts';

type Facts = Record<string, string | number | undefined>;

/** 2026-11-23T19:51:02.313Z INFO activity done activityType=probe attempt=1 ms=12 */
export function spell(atMs: number, level: string, message: string, facts: Facts = {}): string {
  const spelled = Object.entries(facts).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}=${quoted(value)}`],
  );
  return [new Date(atMs).toISOString(), level, oneLine(redact(message)), ...spelled].join(' ');
}

export function say(level: LogLevel, message: string, facts?: Facts): void {
  write(Date.now(), level, message, facts);
}

/** The SDK's own events in the same style. Of what it adds to them only these are kept. */
export function sdkLogger(): DefaultLogger {
  return new DefaultLogger('INFO', ({ timestampNanos, level, message, meta = {} }: LogEntry) => {
    const { sdkComponent, activityType, attempt, workflowId, runId, error } = meta as Record<string, unknown>;
    // A worker's own states say less than the line in serve.ts.
    if (level === 'INFO' && sdkComponent === 'worker') return;
    const reason = error === undefined ? undefined : cut(reasonOf(error), 200);
    write(Number(timestampNanos / 1_000_000n), level, message, {
      activityType,
      attempt,
      workflowId,
      runId,
      error: reason,
    } as Facts);
  });
}

let last = '';

/** What many connections say at the same time is said once. */
function write(atMs: number, level: string, message: string, facts?: Facts): void {
  const said = spell(0, level, message, facts);
  if (said !== last || level === 'INFO') process.stderr.write(`${spell(atMs, level, message, facts)}\n`);
  last = said;
}

/** An error's message with those of its causes. */
export function reasonOf(error: unknown): string {
  const reasons: string[] = [];
  for (let at = error; at !== undefined && reasons.length < 5; at = (at as Error).cause) {
    const reason = at instanceof Error ? at.message : String(at);
    if (!reasons.some((known) => known.includes(reason))) reasons.push(reason);
    if (!(at instanceof Error)) break;
  }
  return reasons.join(': ');
}

function quoted(value: string | number): string {
  const text = oneLine(redact(String(value)));
  return /[\s"=]/.test(text) ? JSON.stringify(text) : text;
}

function oneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, ' | ');
}
