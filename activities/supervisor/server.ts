// Where supervisord listens, and who may ask it: what supervisorctl's options come to.
import { clientOptions } from './client-options.ts';

export interface Server {
  url: string;
  options: { socketPath?: string };
  /** user:password */
  auth?: string;
  /** The configuration names more files, which supervisorctl does not read. */
  includes: boolean;
}

/** Throws when the file can't be read or its address is neither unix:// nor http://. */
export async function serverOf(configFile: string): Promise<Server> {
  const { serverurl, username, password, includes } = await clientOptions(configFile);
  // Only both of them are a login.
  const login = username === undefined || password === undefined ? {} : { auth: `${username}:${password}` };
  if (serverurl.startsWith('unix://'))
    return {
      url: 'http://supervisor/RPC2',
      options: { socketPath: serverurl.slice('unix://'.length) },
      ...login,
      includes,
    };
  if (serverurl.startsWith('http://') && URL.canParse(serverurl))
    return { url: `http://${new URL(serverurl).host}/RPC2`, options: {}, ...login, includes };
  throw new Error(
    `serverurl in [supervisorctl] of ${configFile} is ${withoutLogin(serverurl)}; unix://PATH or http://HOST:PORT is wanted, without quotes`,
  );
}

function withoutLogin(url: string): string {
  return url.replace(/\/\/[^/]*@/, '//');
}
