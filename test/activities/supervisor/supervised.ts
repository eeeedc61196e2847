// A machine for tests with a supervisord of its own and one toy agent under it.
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { onTestFinished } from 'vitest';
import type { AgentSpec } from '../../../plan/machine-api/agents.ts';
import type { Host } from '../../../activities/context/host.ts';
import { programStatus, startProgram } from '../../../activities/supervisor/programs.ts';
import { temporaryMachine } from '../machine.ts';

const toyAgent = join(import.meta.dirname, 'toy-agent.mjs');

export interface Supervised {
  host: Host;
  agent: AgentSpec;
}

/** The agent runs with this configuration, at /code/config/toy.yaml of the machine. Everything ends with the test. */
export async function supervisedAgent(configuration: string): Promise<Supervised> {
  const host = await temporaryMachine();
  const port = await freePort();
  const config = '/code/config/toy.yaml';
  const file = host.path(config);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, configuration, { mode: 0o640 });
  await writeFile(host.supervisorConfig, supervisorConfig(dirname(host.supervisorConfig), file, port));
  const supervisord = execa('supervisord', ['-n', '-c', host.supervisorConfig], { reject: false, stdio: 'ignore' });
  onTestFinished(async () => {
    supervisord.kill('SIGTERM');
    await supervisord;
  });
  await answers(host);
  await startProgram(host, 'toy', 10_000);
  const agent = {
    name: 'toy',
    program: 'toy',
    config,
    healthUrl: `http://127.0.0.1:${port}/health`,
    check: [process.execPath, toyAgent, '{config}', '--check'],
    startWithinMs: 10_000,
  };
  return { host, agent };
}

async function answers(host: Host): Promise<void> {
  for (const end = Date.now() + 10_000; Date.now() < end;) {
    if (await programStatus(host, 'toy').catch(() => null)) return;
  }
  throw new Error('supervisord does not answer');
}

function supervisorConfig(directory: string, file: string, port: number): string {
  const socket = join(directory, 'supervisor.sock');
  return `[supervisord]
logfile=${join(directory, 'supervisord.log')}
pidfile=${join(directory, 'supervisord.pid')}
[unix_http_server]
file=${socket}
[supervisorctl]
serverurl=unix://${socket}
[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
[program:toy]
command=${process.execPath} ${toyAgent} ${file}
environment=PORT="${port}"
startsecs=1
startretries=1
autostart=false
redirect_stderr=true
stdout_logfile=${join(directory, 'toy.log')}
`;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
