// Agents: their programs, configurations, logs, acknowledgements, and what they show of themselves.
import { ackActivities } from './acks.ts';
import { agentConfigActivities } from './config.ts';
import type { AgentActivities } from '../../plan/machine-api/agents.ts';
import { urlOf } from '../../plan/machine-api/target.ts';
import { isNamedSecret } from '../../plan/secrets/named.ts';
import { redactJson } from '../../plan/secrets/redact.ts';
import { until } from '../context/polling.ts';
import type { Host } from '../context/host.ts';
import { bootId } from '../host/process.ts';
import { deployActivities } from './deploy.ts';
import type { Reach } from '../http/reach.ts';
import { NotSeen, whyRefused } from '../http/refused.ts';
import { request } from '../http/request.ts';
import { parseJson, spelt, valueAt } from '../http/json.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { logActivities } from './logs.ts';
import { preparedActivities } from './prepared.ts';
import { programStatus } from '../programs/programs.ts';

const shownTimeoutMs = 2_000;

export function agentActivities(host: Host, ledger: Ledger): AgentActivities {
  return {
    programStatus: async ({ program }) => ({ ...(await programStatus(host, program)), boot: bootId() }),

    async shown({ url, pointer, method, body, want, after = '', matches, orAnswers = false, withinMs }) {
      const isFound = ({ value: seen }: Look) =>
        seen !== undefined && (!want || want.includes(spelt(seen))) && spelt(seen) > after;
      const { value, waitedMs } = await until(
        withinMs,
        () => look(host.reach(url), pointer, method, body),
        (seen) => isFound(seen) || (orAnswers && seen.answers),
      );
      return {
        found: isFound(value),
        value: redactJson(
          value.value ?? null,
          pointer.split('/').find((part) => isNamedSecret(part)),
        ),
        ...(matches === undefined ? {} : { matches: new RegExp(matches).test(String(value.value ?? null)) }),
        waitedMs,
        answers: value.answers,
        ...(value.error ? { error: value.error } : {}),
        ...(value.unknown && { unknown: value.unknown }),
      };
    },

    ...agentConfigActivities(host, ledger),
    ...deployActivities(host, ledger),
    ...preparedActivities(host),
    ...logActivities(host),
    ...ackActivities(host),
  };
}

interface Look {
  value: unknown;
  answers: boolean;
  error?: string;
  unknown?: true;
}

/** An agent that says it is unwell (503) still shows its state: the status is told beside the value. */
async function look(
  target: string | Reach,
  pointer: string,
  method: 'GET' | 'POST' = 'GET',
  body?: unknown,
): Promise<Look> {
  const url = urlOf(target);
  const json = body === undefined ? {} : { body: JSON.stringify(body) };
  try {
    const { status, text } = await request(target, {
      method,
      timeoutMs: shownTimeoutMs,
      headers: { connection: 'close', 'content-type': 'application/json' },
      ...json,
    });
    const value = valueAt(parseJson(text), pointer);
    const answers = status >= 200 && status <= 299;
    const refused = whyRefused(target, { status, text });
    const error = `${method} ${url} answered ${status}${refused}`;
    if (!answers) return { value, answers, error, ...(refused && { unknown: true }) };
    return value === undefined
      ? { value, answers, error: `${method} ${url} shows nothing at ${pointer}` }
      : { value, answers };
  } catch (error) {
    const { message } = error as Error;
    return { value: undefined, answers: false, error: message, ...(error instanceof NotSeen && { unknown: true }) };
  }
}
