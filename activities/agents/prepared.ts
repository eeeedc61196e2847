// What a deployment will do to an agent, kept on its machine before it is done: commands in order, the difference of its file, its own check's word.
import { structuredPatch } from 'diff';
import { basename, dirname, join } from 'node:path';
import type { AgentActivities, AgentSpec, PreparedDeployment } from '../../plan/machine-api/agents.ts';
import { type HttpTarget, urlOf } from '../../plan/machine-api/target.ts';
import type { Credentials } from '../../plan/schema/access.ts';
import { redact } from '../../plan/secrets/redact.ts';
import { shellWord } from '../../plan/week/paste.ts';
import type { Host } from '../context/host.ts';
import { makeDirectories, putFile, readIfThere, sha256 } from '../files/disk.ts';
import { ownerAlone } from '../files/in-place.ts';
import { difference } from '../files/unified-diff.ts';
import { preparedIn } from '../ledger/backups.ts';
import { programStatus } from '../programs/programs.ts';
import type { Checked } from '../programs/runner.ts';
import { runnerOf } from '../programs/runners.ts';
import { runCheck } from './check.ts';
import { lostIn, mustRead, newName } from './config.ts';

interface Files {
  before: Buffer;
  wanted: Buffer;
}

export function preparedActivities(host: Host): Pick<AgentActivities, 'previewDeploy' | 'preparedDeployment'> {
  return {
    async previewDeploy({ config, program, deployment }) {
      const files = { before: await mustRead(host, config), wanted: await mustRead(host, newName(config)) };
      const [before, after] = [files.before.toString(), files.wanted.toString()];
      const lines = structuredPatch(config, newName(config), before, after).hunks.flatMap((hunk) => hunk.lines);
      return {
        difference: differenceOf(config, files),
        added: lines.filter((line) => line.startsWith('+')).length,
        removed: lines.filter((line) => line.startsWith('-')).length,
        lost: lostIn(before, after),
        state: (await programStatus(host, program)).state,
        ...(deployment && { prepared: await prepare(host, deployment.run, deployment.agent, files) }),
      };
    },

    preparedDeployment: ({ run, agent }) => kept(host, run, agent),
  };
}

/** Empty where nothing would change. */
function differenceOf(config: string, { before, wanted }: Files): string {
  const labels = { before: 'now', after: 'new' };
  return before.equals(wanted) ? '' : difference(basename(config), before.toString(), wanted.toString(), labels);
}

/** Keeps it in the place of what was prepared before. `anew`: in the deployment itself, where the agent's own check has said its word already. */
export async function prepare(
  host: Host,
  run: string,
  agent: AgentSpec,
  files: Files,
  anew?: { check: Checked | null },
): Promise<PreparedDeployment> {
  const { name, config, check: command } = agent;
  const said = command ? (anew ? anew.check : await runCheck(host, command, host.path(newName(config)), agent)) : null;
  const { before, wanted } = files;
  // It lies beside the ledger, and outlives the process that knows the secrets.
  const prepared = redact<PreparedDeployment>({
    agent: name,
    machine: host.machine,
    at: Date.now(),
    ...(anew && { anew: true }),
    from: sha256(before),
    to: sha256(wanted),
    commands: before.equals(wanted) ? alike(agent) : commandsOf(host, agent),
    difference: differenceOf(config, files),
    check: command && said ? { command: withFile(command, newName(config)), ...said } : null,
  });
  const file = fileOf(host, run, name);
  await makeDirectories(dirname(file), 0o700, host.files);
  await putFile(file, Buffer.from(`${JSON.stringify(prepared, null, 2)}\n`), ownerAlone(), { files: host.files });
  return prepared;
}

/** The same, where it is not what is kept: others have changed the configuration since. Undefined: what was prepared holds. */
export async function prepareAnew(
  host: Host,
  run: string,
  agent: AgentSpec,
  files: Files,
  check: Checked | null,
): Promise<PreparedDeployment | undefined> {
  // It was swapped by an attempt before.
  if (files.before.equals(files.wanted)) return undefined;
  const known = await kept(host, run, agent.name);
  const holds = known !== null && known.from === sha256(files.before) && known.to === sha256(files.wanted);
  if (!holds) return prepare(host, run, agent, files, { check });
  // Of an attempt before, which nobody heard of.
  return known.anew && known;
}

/** What can't be read holds up no deployment. */
async function kept(host: Host, run: string, agent: string): Promise<PreparedDeployment | null> {
  try {
    const bytes = await readIfThere(fileOf(host, run, agent), host.files);
    return bytes && (JSON.parse(bytes.toString()) as PreparedDeployment);
  } catch {
    return null;
  }
}

function fileOf(host: Host, run: string, agent: string): string {
  return join(host.state, preparedIn(run), `${agent}.json`);
}

/** As deployAgent does it, told as by hand. */
function commandsOf(host: Host, agent: AgentSpec): string[] {
  const { program, config, healthUrl, check, startWithinMs, env } = agent;
  const { runner, name } = runnerOf(program);
  const { stop, start, status, up } = runner.byHand(host, name);
  const within = `within ${startWithinMs / 1000} s`;
  return [
    ...(check ? [`${typed(withFile(check, newName(config)))}  # refused: it ends here, with the agent as it is`] : []),
    typed(stop),
    `${typed(['cp', newName(config), config])}  # owner, mode and attributes stay; what was there is in the ledger`,
    ...(env ? environmentCommands(host, agent, env) : []),
    typed(start),
    `${typed(status)}  # ${up}, ${within}`,
    `${curl(healthUrl)}  # ${tokenOf(healthUrl)}healthy ${within}`,
  ];
}

function environmentCommands(
  { supervisorConfig }: Host,
  { program }: AgentSpec,
  { name, value }: NonNullable<AgentSpec['env']>,
): string[] {
  return [
    `# ${name}="${value}" in environment of [program:${program}], in ${supervisorConfig} or what its [include] names`,
    ...['reread', 'update'].map((verb) =>
      typed(['supervisorctl', '-c', supervisorConfig, verb, ...(verb === 'update' ? [program] : [])]),
    ),
  ];
}

/** curl asks for a password itself; where a token is, stands beside it. */
function curl(target: HttpTarget): string {
  const { tlsConfig, basicAuth } = credentialsIn(target);
  const { caFile, certFile, keyFile, serverName } = tlsConfig ?? {};
  const [, hostname, port] = /\/\/([^/]+?):(\d+)/.exec(urlOf(target)) ?? [];
  return typed([
    'curl',
    '-f',
    ...(caFile ? ['--cacert', caFile] : []),
    ...(certFile && keyFile ? ['--cert', certFile, '--key', keyFile] : []),
    // Asked by the name in its certificate.
    ...(serverName ? ['--connect-to', `${serverName}:${port}:${hostname}:${port}`] : []),
    ...(basicAuth ? ['-u', basicAuth.username] : []),
    serverName ? urlOf(target).replace(`//${hostname}`, `//${serverName}`) : urlOf(target),
  ]);
}

function tokenOf(target: HttpTarget): string {
  const { credentialsFile, credentialsEnv } = credentialsIn(target).authorization ?? {};
  const where = credentialsFile ?? credentialsEnv;
  return where ? `with the bearer token in ${where}, ` : '';
}

function credentialsIn(target: HttpTarget): Credentials {
  return typeof target === 'string' ? {} : target;
}

/** As a shell takes it. Word by word without secrets first: where one ends does not show in a line. */
function typed(words: string[]): string {
  return redact(words).map(shellWord).join(' ');
}

function alike({ program, config }: AgentSpec): string[] {
  return [
    `# ${config} is as wanted already: ${program} goes on, and is started anew only when it is older than its file`,
  ];
}

function withFile(check: string[], file: string): string[] {
  return check.map((part) => part.replaceAll('{config}', file));
}
