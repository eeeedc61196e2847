// A supervisord on each lab machine, with the machine's agents as its programs.
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import type { Agent } from '../plan/schema/agent.ts';
import { which } from './install.ts';
import { entering, type LabMachine } from './layout.ts';
import { endProcess, killTree, processesWith, startDetached, waitUntil } from './process.ts';
import { forgetProcess, liveProcess, projectDirectory, rememberProcess } from './state.ts';

/** Starts the machine's supervisord if it does not run; its programs start with it. */
export async function supervisorUp(machine: LabMachine, agents: Agent[]): Promise<void> {
  const name = `supervisord:${machine.id}`;
  if (liveProcess(name) && (await supervisorAnswers(machine))) return;
  const daemon = await which('supervisord');
  if (!daemon) throw new Error('supervisord is not installed: install the Debian package supervisor');
  // Without their supervisord the agents live on, and hold the ports of those to come.
  await killTree(orphans(machine));
  rmSync(machine.supervisorSocket, { force: true });
  const config = supervisorText(machine, agents);
  for (const agent of agents) mkdirSync(dirname(join(machine.root, agent.log)), { recursive: true });
  mkdirSync(machine.directory, { recursive: true });
  if (!existsSync(machine.supervisorConfig)) writeFileSync(machine.supervisorConfig, config);
  const log = join(machine.directory, 'supervisord.out');
  rememberProcess(
    name,
    await startDetached(...entering(machine, daemon, ['--nodaemon', '--configuration', machine.supervisorConfig]), {
      log,
    }),
  );
  if (await waitUntil(() => supervisorAnswers(machine), 20_000, 200)) return;
  throw new Error(
    `supervisord of ${machine.name} does not answer on ${machine.supervisorSocket} after 20 s: look at ${log}`,
  );
}

/** Stops every program, then supervisord. */
export async function supervisorDown(machine: LabMachine): Promise<void> {
  const name = `supervisord:${machine.id}`;
  const running = liveProcess(name);
  if (running) await endProcess(running, 'SIGTERM', 15_000);
  await killTree(orphans(machine));
  forgetProcess(name);
}

export async function supervisorAnswers(machine: LabMachine): Promise<boolean> {
  if (!existsSync(machine.supervisorSocket)) return false;
  const { exitCode } = await execa('supervisorctl', ['-c', machine.supervisorConfig, 'pid'], {
    reject: false,
    timeout: 10_000,
  });
  return exitCode === 0;
}

/** supervisord.conf of a machine with a program for each agent. */
export function supervisorText(machine: LabMachine, agents: Agent[]): string {
  const programs = agents.map((agent) =>
    section(`program:${agent.program}`, {
      command: [
        process.execPath,
        join(projectDirectory, 'dist/lab/agent/main.js'),
        '--config',
        join(machine.root, agent.config),
      ]
        .map(quoted)
        .join(' '),
      directory: '/',
      autostart: 'true',
      autorestart: 'true',
      startsecs: '1',
      stopwaitsecs: '3',
      stopsignal: 'TERM',
      redirect_stderr: 'true',
      stdout_logfile: join(machine.root, agent.log),
      stdout_logfile_maxbytes: '50MB',
      stdout_logfile_backups: '2',
    }),
  );
  return [
    `; supervisord of ${machine.name} in the lab`,
    section('unix_http_server', { file: machine.supervisorSocket, chmod: '0700' }),
    section('supervisord', {
      logfile: join(machine.directory, 'supervisord.log'),
      pidfile: join(machine.directory, 'supervisord.pid'),
      childlogdir: machine.directory,
      user: 'root',
    }),
    section('rpcinterface:supervisor', {
      'supervisor.rpcinterface_factory': 'supervisor.rpcinterface:make_main_rpcinterface',
    }),
    section('supervisorctl', { serverurl: `unix://${machine.supervisorSocket}` }),
    ...programs,
  ].join('\n\n');
}

function section(name: string, values: Record<string, string>): string {
  return [`[${name}]`, ...Object.entries(values).map(([key, value]) => `${key}=${value}`), ''].join('\n');
}

/** supervisord expands % and splits on blanks. */
function quoted(argument: string): string {
  const escaped = argument.replaceAll('%', '%%');
  return /\s/.test(escaped) ? `"${escaped}"` : escaped;
}

/** Programs that this machine's supervisord started: it leaves its address in their environment. */
function orphans(machine: LabMachine): number[] {
  return processesWith(`SUPERVISOR_SERVER_URL=unix://${machine.supervisorSocket}`);
}
