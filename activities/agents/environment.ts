// A variable that a pilot finds in its environment, where the plan has it told through supervisord: written into the program's section, and taken up
// while the program is stopped.
import { dirname } from 'node:path';
import type { AgentSpec } from '../../plan/machine-api/agents.ts';
import type { Change } from '../../plan/machine-api/ledger.ts';
import type { Undo } from '../../plan/week/undo.ts';
import type { Host } from '../context/host.ts';
import { refusal } from '../context/refusal.ts';
import { attributesOf, putFile } from '../files/disk.ts';
import { mustLetBeWritten } from '../files/place.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { keysOf } from '../ledger/order.ts';
import { UneditableEnvironment, variableIn, withVariable, written } from '../supervisor/environment.ts';
import { isPending, othersIn, takeUp } from '../supervisor/group.ts';
import { fileWith, type SectionFile } from '../supervisor/section-file.ts';

export type EnvironmentRestore = Extract<Undo, { kind: 'environment.restore' }>;
type Variable = NonNullable<AgentSpec['env']>;

export const sectionOf = (program: string): string => `program:${program}`;

/** Before the week: throws what would keep the variable from being set. */
export async function tryEnvironment(host: Host, program: string, { name, value }: Variable): Promise<string> {
  await refuseOthers(host, program);
  const { path, text } = await found(host, program);
  if (edited(host, program, text, name, written(value)) !== text) await mustLetBeWritten(host, path);
  await refusePending(host, program);
  return `can be set in ${path}`;
}

/** Sets it in the file. Nothing is stopped for it: whoever stops the program next takes it up. */
export async function setEnvironment(
  host: Host,
  ledger: Ledger,
  change: Change,
  { name: agent, program, config, env, startWithinMs }: AgentSpec & { env: Variable },
  notAfterMs?: number,
): Promise<void> {
  const [section, { name }] = [sectionOf(program), env];
  const value = written(env.value);
  await ledger.change(
    change,
    keysOf(agent).environment,
    async ({ keep }) => {
      await refuseOthers(host, program);
      const { path, text } = await found(host, program);
      if (orRefused(host, program, () => variableIn(text, section, name)) === value) return null;
      edited(host, program, text, name, value);
      await mustLetBeWritten(host, path);
      await refusePending(host, program);
      const { backup, originalSha256 } = await keep(path);
      if (!backup) throw new Error(`${path} was taken away on ${host.machine} while we worked on it`);
      return { kind: 'environment.restore', program, config, path, name, value, backup, originalSha256, startWithinMs };
    },
    async () => {
      const file = await found(host, program);
      await replace(host, file, edited(host, program, file.text, name, value));
    },
    { notAfterMs },
  );
}

/** Whether supervisord has not taken up what its files say of a program. */
export function isBehind(host: Host, { program, env }: Pick<AgentSpec, 'program' | 'env'>): Promise<boolean> {
  return env ? isPending(host, program) : Promise.resolve(false);
}

/** Of a program that is stopped. */
export async function catchUp(host: Host, agent: Pick<AgentSpec, 'program' | 'env'>): Promise<void> {
  if (await isBehind(host, agent)) await takeUp(host, agent.program);
}

/** Over a file that is as it was read. */
export async function replace(host: Host, { path, bytes }: SectionFile, text: string): Promise<void> {
  if (bytes.toString() === text) return;
  const attributes = await attributesOf(path, host.files);
  if (!attributes) throw new Error(`${path} was taken away on ${host.machine} while we worked on it`);
  const place = { files: host.files, within: dirname(path), replaced: bytes, alone: true };
  await putFile(path, Buffer.from(text), attributes, place);
}

function edited(host: Host, program: string, text: string, name: string, value: string): string {
  return orRefused(host, program, () => withVariable(text, sectionOf(program), name, value));
}

function orRefused<T>(host: Host, program: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw asRefusal(host, program, error);
  }
}

async function found(host: Host, program: string): Promise<SectionFile> {
  try {
    return await fileWith(host, sectionOf(program));
  } catch (error) {
    throw asRefusal(host, program, error);
  }
}

/** Its group is taken away and put back, with all that are in it. */
async function refuseOthers(host: Host, program: string): Promise<void> {
  const others = program.includes(':') ? [program] : await othersIn(host, program);
  if (others.length > 0)
    throw asRefusal(
      host,
      program,
      new UneditableEnvironment(
        `it is in a group with others (${others.join(', ')}), which would be started anew with it`,
      ),
    );
}

async function refusePending(host: Host, program: string): Promise<void> {
  if (await isPending(host, program))
    throw asRefusal(
      host,
      program,
      new UneditableEnvironment(
        `its section was changed and not taken up yet, which would happen with ours: "supervisorctl update ${program}" does it`,
      ),
    );
}

function asRefusal(host: Host, program: string, error: unknown): Error {
  if (!(error instanceof UneditableEnvironment)) return error as Error;
  return refusal(
    'EnvironmentUneditable',
    `The environment of ${program} can't be set by supervisord on ${host.machine}: ${error.message}. Mend that, or have the plan tell it by the agent's own file (migration.env.via: yaml)`,
  );
}
