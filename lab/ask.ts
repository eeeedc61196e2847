// A target of the plan, asked as whoever is on a machine asks it: with the files that the plan names, where this machine has them.
import { below, type HttpTarget, urlOf } from '../plan/machine-api/target.ts';
import { asPrometheus, type Credentials, credentialsOf, withFiles } from '../plan/schema/access.ts';
import { type Access, loginOf, withTls } from './agent/access.ts';
import type { LabMachine } from './layout.ts';

/** The text of a 2xx answer; undefined for any other, and for none. */
export async function ask(machine: LabMachine, target: HttpTarget, path = ''): Promise<string | undefined> {
  const access = typeof target === 'string' ? {} : toldBy(withFiles(target, (file) => `${machine.root}${file}`));
  try {
    const headers = await loginOf(access);
    return await withTls(access, async (by) => {
      const answer = await by(urlOf(below(target, path)), { headers, signal: AbortSignal.timeout(2_000) });
      return answer.ok ? await answer.text() : undefined;
    });
  } catch {
    return undefined;
  }
}

/** As the lab's agent has it in `hub_access`, of one target. */
export function toldBy(credentials: Credentials): Access {
  const { tls_config: tls, basic_auth: basic, authorization } = asPrometheus(credentialsOf(credentials));
  return { ...tls, ...basic, ...authorization };
}
