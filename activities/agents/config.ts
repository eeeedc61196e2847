// An agent's configuration before its deployment: backed up, edited into NAME.new, and validated.
import { refusal } from '../context/refusal.ts';
import { basename } from 'node:path';
import { accessIn, blocks, validateDualHub } from '../../plan/tasks/pilots/dual-hub.ts';
import { applyEdit, changedKeys, commentsKept, lostBetween } from '../../plan/yaml/edit.ts';
import { UneditableYaml } from '../../plan/yaml/document.ts';
import type { AgentActivities } from '../../plan/machine-api/agents.ts';
import type { OwnCheck } from '../../plan/machine-api/host.ts';
import type { FileEdit } from '../../plan/machine-api/files.ts';
import type { Host } from '../context/host.ts';
import { attributesOf, readIfThere, sha256 } from '../files/disk.ts';
import { triedEdit } from '../files/edits.ts';
import { resolvePath } from '../files/paths.ts';
import { mustLetBeWritten, mustTakeNew, placeFile } from '../files/place.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { textOf } from '../files/text.ts';
import { runCheck, runCheckOfText } from './check.ts';

export const newName = (config: string): string => `${config}.new`;

export function agentConfigActivities(
  host: Host,
  ledger: Ledger,
): Pick<AgentActivities, 'backupConfig' | 'writeNewConfig' | 'validateConfig'> {
  return {
    async backupConfig({ change, config }) {
      const original = await mustRead(host, config);
      const usual = `${config}.backup`;
      const ofRun = `${config}.backup.${change.run}`;
      const isThere = async (path: string) => readIfThere(host.path(path), host.files);
      const copies = async (path: string) => (await isThere(path))?.equals(original) ?? false;

      /** A copy that is there and the same serves; it is not ours to undo. One that differs is never touched. */
      const keptCopy = async () => ((await copies(usual)) ? usual : (await copies(ofRun)) ? ofRun : null);
      let kept: string | null = null;
      const key = `backup of ${config}`;
      return ledger.change(
        change,
        key,
        async () => {
          kept = await keptCopy();
          if (kept) return null;
          if (!(await isThere(usual)))
            return { kind: 'file.restore', path: usual, backup: null, wroteSha256: sha256(original) };
          if (!(await isThere(ofRun)))
            return { kind: 'file.restore', path: ofRun, backup: null, wroteSha256: sha256(original) };
          throw refusal(
            'BackupDiffers',
            `${config} on ${host.machine} has the backups ${basename(usual)} and ${basename(ofRun)}, and both differ from it. Look at them and move one away, then retry`,
          );
        },
        async ({ entries }) => {
          if (kept) return { backup: kept, sha256: sha256(original), kept: true };
          const planned = entries.find((entry) => entry.step === change.step && entry.key === key && !entry.end)?.undo;
          if (planned?.kind !== 'file.restore')
            throw new Error(`The ledger of ${host.machine} has no entry for the backup of ${config}`);
          const copy = host.path(planned.path);
          // Made by an attempt before: it holds what was there first, whatever the configuration is by now.
          if (!(await readIfThere(copy, host.files)))
            await placeFile(host, copy, original, await mustHaveAttributes(host, config), false, null);
          const made = sha256((await readIfThere(copy, host.files)) ?? '');
          if (made !== planned.wroteSha256)
            throw refusal(
              'BackupDiffers',
              `${planned.path} on ${host.machine} is not the copy that was made (sha256 ${made.slice(0, 12)}, not ${planned.wroteSha256.slice(0, 12)}). Look at it, move it away and retry`,
            );
          return { backup: planned.path, sha256: made, kept: false };
        },
      );
    },

    writeNewConfig: (ask) => writeNewConfig(host, ledger, ask),

    async validateConfig({ path, text, check, of, access, environment = true }) {
      const content = text ?? (await readIfThere(host.path(path), host.files))?.toString();
      if (content === undefined)
        return { ours: { ok: false, message: `${path} is not there on ${host.machine}` }, agents: null };
      const ours = validateDualHub(content, access, environment);
      if (!check) return { ours, agents: null };
      if (text === undefined) return { ours, agents: await runCheck(host, check, host.path(path), of) };
      return { ours, agents: await runCheckOfText(host, check, host.path(path), text, { of }) };
    },
  };
}

/** Before the week: throws, with the line, what would keep the configuration from being edited, or the edited one from being valid and loaded. */
export async function tryConfig(
  host: Host,
  path: string,
  edit: FileEdit,
  check?: OwnCheck,
): Promise<{ detail: string; warning?: string }> {
  const { before, after } = await triedEdit(host, path, edit);
  await mustLetBeWritten(host, host.path(path));
  // Beside the link, where it is one.
  await mustTakeNew(host, host.path(newName(path)));
  const what = `${path} on ${host.machine}`;
  const isTold = edit.kind !== 'dual-hub' || edit.settings.environment !== undefined;
  const { ok, message } = validateDualHub(after, accessIn(edit), isTold);
  if (!ok) throw new Error(`${what}, edited: ${message}`);
  if (!check) return { detail: 'can be made' };
  const file = host.path(path);
  // Elsewhere, so that nothing is put beside the file, and called as the new one will be.
  const of = { program: check.program, config: path };
  const load = (text: string) => runCheckOfText(host, check.command, file, text, { of, name: basename(newName(file)) });
  const edited = await load(after);
  if (edited.ok) return { detail: "can be made, and the agent's own check loads it" };
  const asItIs = await runCheck(host, check.command, file, of);
  if (!asItIs.ok) throw new Error(`${what} does not load as it is, by the agent's own check: ${asItIs.output}`);
  const unedited = await load(before);
  if (unedited.ok) throw new Error(`${what}, edited, does not load, by the agent's own check: ${edited.output}`);
  return {
    detail: 'can be made',
    warning: `the agent's own check of ${what} loads it in its place alone (${lastLine(unedited.output)}): what it says of the new file shows once that is there`,
  };
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}

/** Makes NAME.new from the configuration as it is. */
export async function writeNewConfig(
  host: Host,
  ledger: Ledger,
  { change, config, edit }: Parameters<AgentActivities['writeNewConfig']>[0],
): ReturnType<AgentActivities['writeNewConfig']> {
  const original = await mustRead(host, config);
  const bytes = editedConfig(original, edit, `${config} on ${host.machine}`);
  const [before, after] = [original.toString(), bytes.toString()];
  const path = newName(config);
  const file = host.path(path);
  const changed = await ledger.change(
    change,
    path,
    async ({ keep }) =>
      (await readIfThere(file, host.files))?.equals(bytes)
        ? null
        : { kind: 'file.restore', path, ...(await keep(file)), wroteSha256: sha256(bytes) },
    async ({ writes }) => {
      const there = await readIfThere(file, host.files);
      if (there?.equals(bytes)) return false;
      await writes(bytes, there);
      await placeFile(host, file, bytes, await mustHaveAttributes(host, config), false, there);
      return true;
    },
    { beforeOfEach: true },
  );
  return {
    path,
    sha256: sha256(bytes),
    changed,
    changedKeys: changedKeys(before, after),
    commentsKept: commentsKept(before, after),
  };
}

/** What the new file has not, of the settings that are not the week's and of the comments. */
export function lostIn(before: string, after: string): string[] {
  return lostBetween(before, after, blocks);
}

/** Throws FileMissing when the file is not there. */
export async function mustRead(host: Host, path: string): Promise<Buffer> {
  const found = await readIfThere(await resolvePath(host.path(path), host.files), host.files);
  if (!found)
    throw refusal(
      'FileMissing',
      `${path} is not there on ${host.machine} (looked for ${host.path(path)}). Check the plan's path and the machine's root, or run the step that makes it`,
    );
  return found;
}

export async function mustHaveAttributes(host: Host, path: string) {
  const found = await attributesOf(host.path(path), host.files);
  if (!found) throw new Error(`${path} was taken away on ${host.machine} while we worked on it`);
  return found;
}

/** Throws FileUneditable, with the line, when it can't be edited. */
function editedConfig(config: Buffer, edit: FileEdit, what: string): Buffer {
  try {
    return Buffer.from(applyEdit(textOf(config, what), edit));
  } catch (error) {
    if (error instanceof UneditableYaml) throw refusal('FileUneditable', `${what}: ${error.message}`);
    throw error;
  }
}
