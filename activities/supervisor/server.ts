// Where supervisord listens: the section [supervisorctl] of its configuration, as supervisorctl reads it.
import { dirname } from 'node:path';
import { parse } from 'ini';
import { readIfThere } from '../files/disk.ts';

export interface Server {
  url: string;
  options: { socketPath?: string };
  /** user:password */
  auth?: string;
}

const standard = 'http://localhost:9001';

/** Throws when the file can't be read or its address is neither unix:// nor http://. */
export async function serverOf(configFile: string): Promise<Server> {
  const text = await readIfThere(configFile);
  if (!text) throw new Error(`${configFile} is not there`);
  const { supervisorctl = {} } = parse(text.toString()) as {
    supervisorctl?: Record<string, string | undefined>;
  };
  const value = (key: string) => supervisorctl[key] && expanded(supervisorctl[key], configFile);
  const [address, username, password] = [value('serverurl') ?? standard, value('username'), value('password')];
  const auth = username === undefined ? {} : { auth: `${username}:${password ?? ''}` };
  if (address.startsWith('unix://'))
    return { url: 'http://supervisor/RPC2', options: { socketPath: address.slice('unix://'.length) }, ...auth };
  if (address.startsWith('http://')) return { url: new URL('/RPC2', address).href, options: {}, ...auth };
  throw new Error(
    `serverurl in [supervisorctl] of ${configFile} is ${address}; unix://PATH or http://HOST:PORT is wanted`,
  );
}

/** %(here)s is the file's directory, %(ENV_X)s a variable, %% a percent sign. */
function expanded(value: string, configFile: string): string {
  return value.replaceAll(/%(?:%|\((?:here|ENV_(\w+))\)s)/g, (match, variable: string | undefined) =>
    match === '%%' ? '%' : variable ? (process.env[variable] ?? '') : dirname(configFile),
  );
}
