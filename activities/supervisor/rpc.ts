// supervisord's own interface, the one that supervisorctl uses: XML-RPC over its socket. supervisord.org/api.html
import { request as httpRequest } from 'node:http';
import { text } from 'node:stream/consumers';
import { XMLBuilder, XMLParser } from 'fast-xml-parser';
import { cancelled, within } from '../context/cancellation.ts';
import type { Host } from '../context/host.ts';
import { serverOf } from './server.ts';
import { cut } from '../../plan/week/cut-text.ts';

/** What supervisord refuses, by the name of its fault: BAD_NAME, NOT_RUNNING, ALREADY_STARTED, SPAWN_ERROR, ABNORMAL_TERMINATION. */
export class Fault extends Error {
  override name = 'SupervisorFault';
}

type Value = string | number | boolean | Value[] | { [key: string]: Value };

const builder = new XMLBuilder();
const parser = new XMLParser({
  parseTagValue: false,
  trimValues: false,
  isArray: (name, path) => name === 'member' || (name === 'value' && String(path).endsWith('data.value')),
});

/** For whoever wrote the address or the password into another file than supervisorctl reads. */
const notIncluded = ' A [supervisorctl] in a file that its [include] names is read neither by supervisorctl nor here.';

/** Calls `supervisor.METHOD`. Throws a Fault when supervisord refuses, another error when it gives no answer within `limitMs`. */
export async function call(host: Host, limitMs: number, method: string, ...args: (string | boolean)[]): Promise<Value> {
  const params = {
    param: args.map((arg) => ({ value: typeof arg === 'string' ? { string: arg } : { boolean: arg ? 1 : 0 } })),
  };
  const body: string = builder.build({ methodCall: { methodName: `supervisor.${method}`, params } });
  const answer = await post(host, limitMs, method, body);
  const { methodResponse } = parser.parse(answer) as {
    methodResponse?: { fault?: { value: unknown }; params?: { param: { value: unknown } } };
  };
  if (methodResponse?.fault) {
    const { faultString } = valueOf(methodResponse.fault.value) as { faultString: string };
    throw new Fault(faultString);
  }
  if (!methodResponse?.params)
    throw new Error(`supervisord on ${host.machine} gave an answer to ${method} that is none: ${cut(answer, 200)}`);
  return valueOf(methodResponse.params.param.value);
}

async function post(host: Host, limitMs: number, method: string, body: string): Promise<string> {
  let hint = `is supervisord running with ${host.supervisorConfig}, and may this user use its socket?`;
  try {
    const { options, url, auth, includes } = await serverOf(host.supervisorConfig);
    if (includes) hint += notIncluded;
    const { status, answer } = await send(url, { ...options, auth, signal: within(limitMs) }, body);
    if (status !== 200)
      throw new Error(
        status === 401
          ? `it wants ${auth === undefined ? 'a' : 'another'} username and password, in [supervisorctl]`
          : `HTTP status ${status}`,
      );
    return answer;
  } catch (error) {
    cancelled().throwIfAborted();
    const { name, message } = error as Error;
    throw new Error(
      `supervisord on ${host.machine} does not answer ${method} (${name === 'AbortError' ? `no answer within ${limitMs / 1000} s` : message}): ${hint}`,
      { cause: error },
    );
  }
}

function send(url: string, options: object, body: string): Promise<{ status: number; answer: string }> {
  return new Promise((resolve, reject) => {
    const asked = httpRequest(
      url,
      {
        ...options,
        method: 'POST',
        headers: { 'content-type': 'text/xml', 'content-length': Buffer.byteLength(body) },
      },
      (response) => {
        text(response).then((answer) => resolve({ status: response.statusCode ?? 0, answer }), reject);
      },
    );
    asked.once('error', reject).end(body);
  });
}

/** `<value>` holds one element that names the type; without one it is a string. */
function valueOf(value: unknown): Value {
  if (typeof value !== 'object' || value === null) return String(value ?? '');
  const [[type, content] = ['string', '']] = Object.entries(value);
  switch (type) {
    case 'int':
    case 'i4':
    case 'double':
      return Number(content);
    case 'boolean':
      return content === '1';
    case 'array':
      return ((content as { data?: { value?: unknown[] } }).data?.value ?? []).map(valueOf);
    case 'struct':
      return Object.fromEntries(
        ((content as { member?: { name: string; value: unknown }[] }).member ?? []).map((member) => [
          member.name,
          valueOf(member.value),
        ]),
      );
    default:
      return String(content);
  }
}
