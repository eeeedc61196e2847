// A machine for tests with a supervisord of its own and one toy agent under it.
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { onTestFinished } from 'vitest';
import type { AgentSpec } from '../../../plan/machine-api/agents.ts';
import type { Host } from '../../../activities/context/host.ts';
import { programStatus, startProgram } from '../../../activities/programs/programs.ts';
import { temporaryMachine } from '../machine.ts';

/** "" where it is not installed. */
export const supervisorctl = ['/usr/bin/supervisorctl', '/usr/local/bin/supervisorctl'].find(existsSync) ?? '';

const toyAgent = join(import.meta.dirname, 'toy-agent.mjs');

export interface Supervised {
  host: Host;
  agent: AgentSpec;
}

/** A program of supervisord: by which name it goes, and the sections that make it, the keys of every program in the place of KEYS. */
export interface Sections {
  program: string;
  sections: string;
}

const alone: Sections = { program: 'toy', sections: '[program:toy]\nKEYS\n' };

/** The agent runs with this configuration, at /code/config/toy.yaml of the machine. Everything ends with the test. */
export async function supervisedAgent(configuration: string, { program, sections } = alone): Promise<Supervised> {
  const host = await temporaryMachine();
  const port = await freePort();
  const config = '/code/config/toy.yaml';
  const file = host.path(config);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, configuration, { mode: 0o640 });
  await writeFile(host.supervisorConfig, supervisorConfig(dirname(host.supervisorConfig), file, port, sections));
  const supervisord = execa('supervisord', ['-n', '-c', host.supervisorConfig], { reject: false, stdio: 'ignore' });
  onTestFinished(async () => {
    supervisord.kill('SIGTERM');
    await supervisord;
  });
  await answers(host);
  await startProgram(host, program, 10_000);
  const agent = {
    name: 'toy',
    program,
    config,
    healthUrl: `http://127.0.0.1:${port}/health`,
    check: [process.execPath, toyAgent, '{config}', '--check'],
    startWithinMs: 10_000,
  };
  return { host, agent };
}

async function answers(host: Host): Promise<void> {
  for (const end = Date.now() + 30_000; Date.now() < end;) {
    if (await programStatus(host, 'toy').catch(() => null)) return;
  }
  throw new Error('supervisord does not answer');
}

function supervisorConfig(directory: string, file: string, port: number, sections: string): string {
  const socket = join(directory, 'supervisor.sock');
  const keys = `command=${process.execPath} ${toyAgent} ${file}
environment=PORT="${port}"
startsecs=1
startretries=1
autostart=false
redirect_stderr=true
stdout_logfile=${join(directory, 'toy.log')}`;
  return `[supervisord]
logfile=${join(directory, 'supervisord.log')}
pidfile=${join(directory, 'supervisord.pid')}
[unix_http_server]
file=${socket}
[supervisorctl]
serverurl=unix://${socket}
[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
${sections.replaceAll('KEYS', keys)}`;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
