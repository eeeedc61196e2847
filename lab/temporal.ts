// Temporal for the lab: an existing server, or a development server of our own on loopback, reachable from the lab machines.
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { msToTs, tsToMs } from '@temporalio/common/lib/time.js';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { hostAndPort } from '../plan/host-and-port.ts';
import { searchAttributes } from '../plan/names.ts';
import { cachedGoProgram, goInstall } from './binaries.ts';
import { checkPortFree, which } from './install.ts';
import { hostAddress } from './layout.ts';
import { sdkDownload } from './open-network.ts';
import { endProcess, isAlive, startDetached, waitUntil } from './process.ts';
import { forgetProcess, labDirectory, liveProcess, projectDirectory, rememberProcess } from './state.ts';

/** Where the lab's own server listens, and where lab machines reach whichever server there is. */
export const ownAddress = '127.0.0.1:7233';
export const machinesAddress = `${hostAddress}:7233`;
const usualPort = 7233;
export const webUi = 'http://127.0.0.1:8233';
export const temporalDatabase = join(labDirectory, 'temporal', 'temporal.db');

const temporalLog = join(labDirectory, 'temporal', 'temporal.log');
const cliModule = 'github.com/temporalio/cli/cmd/temporal@v1.5.1';
/** A soak and its decision must not outlive the history. */
const retentionMs = 60 * 24 * 3_600_000;
const keyword = 2;

/** The server that people named in the environment, unless it is the lab's own. */
export function existingServer(): string | undefined {
  const named = process.env.TEMPORAL_ADDRESS;
  return named && !['127.0.0.1:7233', 'localhost:7233', machinesAddress].includes(named) ? named : undefined;
}

/** Path of the temporal command: on PATH, in the cache, downloaded, or built from Go modules (minutes, the first time). */
async function temporalBinary(say: (line: string) => void): Promise<string> {
  const found = (await which('temporal')) ?? cachedGoProgram('temporal') ?? (await sdkDownload('temporal-cli'));
  if (found) return found;
  say('no open network for its download: building it from Go modules, about 5 minutes');
  return goInstall('temporal', cliModule, 25 * 60_000);
}

/** Starts the server if it does not run, on the same database as before, and makes it ready. Again after a kill is fine. */
export async function startTemporal(say: (line: string) => void = () => {}): Promise<void> {
  if (existingServer()) return prepare(false);
  if (!liveProcess('temporal')) {
    await checkPortFree('127.0.0.1', 7233, 'Temporal');
    await checkPortFree('127.0.0.1', 8233, "Temporal's Web UI");
    mkdirSync(join(labDirectory, 'temporal'), { recursive: true });
    const options = [
      '--db-filename',
      temporalDatabase,
      '--ip',
      '127.0.0.1',
      '--port',
      '7233',
      '--ui-port',
      '8233',
      '--log-level',
      'warn',
    ];
    rememberProcess(
      'temporal',
      await startDetached(await temporalBinary(say), ['server', 'start-dev', ...options], { log: temporalLog }),
    );
  }
  const server = liveProcess('temporal');
  await waitUntil(async () => !server || !isAlive(server) || (await temporalAnswers()), 60_000, 200);
  if (!(await temporalAnswers()))
    throw new Error(
      `Temporal ${server && isAlive(server) ? 'does not answer after 60 s' : 'ended'}. Its log ${temporalLog} ends with:\n${lastLines(temporalLog)}`,
    );
  await prepare(true);
}

/** Ends the lab's own server; its database stays until the lab goes. SIGKILL is for tests. */
export async function stopTemporal(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  const server = liveProcess('temporal');
  if (server) await endProcess(server, signal, 20_000);
  forgetProcess('temporal');
}

/** Lets the lab machines reach the server, through the host's leg of their network. */
export async function startForward(): Promise<void> {
  if (liveProcess('forward')) return;
  const server = hostAndPort(existingServer() ?? ownAddress, usualPort);
  const listen = hostAndPort(machinesAddress, usualPort);
  await checkPortFree(listen.host, listen.port, 'the way from the lab machines to Temporal');
  const log = join(labDirectory, 'forward.log');
  rememberProcess(
    'forward',
    await startDetached(
      process.execPath,
      [join(projectDirectory, 'dist/lab/forward.js'), listen.host, `${listen.port}`, server.host, `${server.port}`],
      { log },
    ),
  );
  if (await waitUntil(() => temporalAnswers(machinesAddress), 15_000, 200)) return;
  throw new Error(`Temporal does not answer on ${machinesAddress}, where the lab machines look for it: look at ${log}`);
}

export async function stopForward(): Promise<void> {
  const forward = liveProcess('forward');
  if (forward) await endProcess(forward);
  forgetProcess('forward');
}

/** Whether the server answers, at its own address or through the way of the lab machines. */
export async function temporalAnswers(address?: string): Promise<boolean> {
  try {
    const connection = await connect(3_000, address);
    await connection.close();
    return true;
  } catch {
    return false;
  }
}

/** Whether a worker has asked this queue for work since then (ms since 1970). */
export async function isPolled(queue: string, kind: 'workflow' | 'activity', since: number): Promise<boolean> {
  const connection = await connect(2_000);
  try {
    const namespace = loadClientConnectConfig().namespace ?? 'default';
    const { pollers } = await connection.workflowService.describeTaskQueue({
      namespace,
      taskQueue: { name: queue },
      taskQueueType: kind === 'workflow' ? 1 : 2,
    });
    return (pollers ?? []).some(({ lastAccessTime }) => tsToMs(lastAccessTime) >= since);
  } finally {
    await connection.close();
  }
}

/** Registers what the week searches by; on our own server also sees that histories are kept long enough. */
async function prepare(ours: boolean): Promise<void> {
  const connection = await connect(5_000);
  const namespace = loadClientConnectConfig().namespace ?? 'default';
  try {
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    const missing = Object.values(searchAttributes).filter((name) => !(name in (customAttributes ?? {})));
    if (missing.length > 0)
      await connection.operatorService.addSearchAttributes({
        namespace,
        searchAttributes: Object.fromEntries(missing.map((name) => [name, keyword])),
      });
    if (!ours) return;
    const { config } = await connection.workflowService.describeNamespace({ namespace });
    if (tsToMs(config?.workflowExecutionRetentionTtl) >= retentionMs) return;
    await connection.workflowService.updateNamespace({
      namespace,
      config: { workflowExecutionRetentionTtl: msToTs(retentionMs) },
    });
  } finally {
    await connection.close();
  }
}

async function connect(connectTimeoutMs: number, address = existingServer() ?? ownAddress): Promise<Connection> {
  return Connection.connect({
    ...loadClientConnectConfig().connectionOptions,
    address,
    connectTimeout: connectTimeoutMs,
    // Whatever proxy the environment has for others.
    channelArgs: { 'grpc.enable_http_proxy': 0 },
  });
}

function lastLines(file: string): string {
  return readFileSync(file, 'utf8').trim().split('\n').slice(-5).join('\n');
}
