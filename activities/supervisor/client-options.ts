// What supervisorctl takes from supervisord's configuration: the section [supervisorctl] of this file. What its [include] names is for supervisord alone.
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, resolve } from 'node:path';
import { readIfThere } from '../files/disk.ts';
import { sectionsOf, type Sections } from './sections.ts';

export interface ClientOptions {
  serverurl: string;
  username?: string;
  password?: string;
  /** There are files that it does not come from, though they may say otherwise. */
  includes: boolean;
}

const standardUrl = 'http://localhost:9001';
/** Where supervisorctl looks without `-c`. */
const searched = ['/etc/supervisord.conf', '/etc/supervisor/supervisord.conf'];

/** Throws when the file is not there, or supervisorctl could not read it either. */
export async function clientOptions(file: string): Promise<ClientOptions> {
  const content = await readIfThere(file);
  if (!content) throw new Error(notThere(file));
  let sections: Sections;
  try {
    sections = sectionsOf(content);
  } catch (error) {
    throw new Error(`supervisorctl can't read ${file}: ${(error as Error).message}`, { cause: error });
  }
  const [own, standard] = [sections.get('supervisorctl'), sections.get('DEFAULT')];
  const value = (key: string, names: Record<string, string> = {}): string | undefined => {
    const written = own?.get(key) ?? (own && standard?.get(key));
    return written === undefined ? undefined : expanded(written, `${key} in [supervisorctl] of ${file}`, names);
  };
  const serverurl = value('serverurl', { here: dirname(resolve(file)) }) ?? standardUrl;
  const [username, password] = [value('username'), value('password')];
  return {
    serverurl: serverurl.startsWith('unix://') ? `unix://${path(serverurl.slice('unix://'.length))}` : serverurl,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    includes: sections.has('include'),
  };
}

/** Python's: %(here)s is the file's directory, %(ENV_X)s a variable of this process, %% a percent sign. Anything else after a % is refused there too. */
export function expanded(value: string, where: string, names: Record<string, string>): string {
  return value.replaceAll(/%(?:(%)|\(([^)]*)\)s)?/g, (match, percent?: string, name?: string) => {
    if (percent) return '%';
    if (name === undefined) throw new Error(`${where} has a single %: a percent sign is written %%`);
    const found = name.startsWith('ENV_') ? process.env[name.slice('ENV_'.length)] : names[name];
    if (found === undefined)
      throw new Error(
        name.startsWith('ENV_')
          ? `${where} has ${match}, and there is no such variable in this environment: set it for the machine's worker`
          : `${where} has ${match}, which is not known there`,
      );
    return found;
  });
}

function path(written: string): string {
  return resolve(written.replace(/^~(?=\/|$)/, homedir()));
}

function notThere(file: string): string {
  const found = searched.filter((one) => existsSync(one));
  const hint = found.length > 0 ? `; supervisorctl would find ${found[0]}: say so at the machine (supervisor)` : '';
  return `${file} is not there${hint}`;
}
