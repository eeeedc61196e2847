// A supervisord on each lab machine, with the machine's agents as its programs.
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { type Agent, programOf } from '../plan/schema/agent.ts';
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

/** supervisord.conf of a machine with a program for each agent, in the groups that their names tell. */
export function supervisorText(machine: LabMachine, agents: Agent[]): string {
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
    ...programsOf(
      machine,
      agents.filter(({ runs }) => runs === 'supervisor'),
    ),
  ].join('\n\n');
}

function programsOf(machine: LabMachine, agents: Agent[]): string[] {
  const named = agents.map((agent) => {
    const [group = '', program = group] = programOf(agent).split(':');
    return { agent, group, program };
  });
  const sections = named.flatMap(({ agent, group, program }) => {
    const number = /^(.+)_(\d\d)$/.exec(program);
    if (number?.[1] !== group) return [section(`program:${program}`, keysOf(machine, agent))];
    // The first stands for all of numprocs: they differ in their number alone.
    const numprocs = named.filter((one) => one.group === group).length;
    return number[2] === '00' ? [section(`program:${group}`, numbered(keysOf(machine, agent), numprocs))] : [];
  });
  const groups = new Map<string, string[]>();
  for (const { group, program } of named)
    if (program !== group && !/^(.+)_\d\d$/.test(program)) groups.set(group, [...(groups.get(group) ?? []), program]);
  return [
    ...sections,
    ...[...groups].map(([group, programs]) => section(`group:${group}`, { programs: programs.join(',') })),
  ];
}

function keysOf(machine: LabMachine, agent: Agent): Record<string, string> {
  return {
    command: agentCommand(join(machine.root, agent.config)).map(quoted).join(' '),
    directory: '/',
    autostart: 'true',
    autorestart: 'true',
    startsecs: '1',
    stopwaitsecs: '3',
    stopsignal: 'TERM',
    redirect_stderr: 'true',
    stdout_logfile: join(machine.root, agent.log ?? ''),
    stdout_logfile_maxbytes: '50MB',
    stdout_logfile_backups: '2',
  };
}

/** Their files are told apart by their number, with two digits, as they are. */
function numbered(keys: Record<string, string>, numprocs: number): Record<string, string> {
  const one = '%(process_num)02d';
  const each = (text = '') => text.replace(/00(?=\.\w+$)/, one);
  return {
    ...keys,
    command: each(keys.command),
    stdout_logfile: each(keys.stdout_logfile),
    process_name: `%(program_name)s_${one}`,
    numprocs: String(numprocs),
  };
}

export function agentCommand(config: string): string[] {
  return [process.execPath, join(projectDirectory, 'dist/lab/agent/main.js'), '--config', config];
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
