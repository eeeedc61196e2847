// Verdicts of what is prepared before a pilot is touched: backups, new configurations, their validation.
import type { AgentActivities, ConfigValidation } from '../../../machine-api/agents.ts';
import type { Written } from '../../../machine-api/files.ts';
import type { Evaluation } from '../../../week/record.ts';
import { inconclusive, unless } from '../../shared/verdict.ts';

type Preview = Awaited<ReturnType<AgentActivities['previewDeploy']>>;

export function backedUp(
  found: { agent: string; sha256: string; original: string | null; backup: string }[],
): Evaluation {
  if (found.length === 0) return inconclusive('there is no pilot');
  return unless(
    found
      .filter(({ sha256, original }) => sha256 !== original)
      .map(({ agent, backup }) => `${agent}: ${backup} is not what the configuration is`),
    `${found.length} backups verified by digest`,
    Object.fromEntries(found.slice(0, 6).map(({ agent, sha256 }) => [agent, sha256.slice(0, 16)])),
  );
}

/** The validator takes the good file and names the faulty line of the broken one. */
export function rejectsBroken(faultyLine: number) {
  return ({ good, broken }: { good: ConfigValidation; broken: ConfigValidation }): Evaluation =>
    unless(
      [
        !good.ours.ok && `a good file is refused: ${good.ours.message}`,
        broken.ours.ok && 'a broken file is accepted',
        !broken.ours.ok &&
          broken.ours.line !== faultyLine &&
          `the fault is in line ${faultyLine}; line ${broken.ours.line ?? '?'} is named`,
      ],
      `a broken file is refused: line ${broken.ours.line}: ${broken.ours.message}`,
      { line: broken.ours.line ?? null },
    );
}

export function newConfigIs(keys: string[]) {
  return (found: Written & { changedKeys: string[]; commentsKept: boolean }): Evaluation => {
    const other = found.changedKeys.filter((key) => !keys.includes(key));
    return unless(
      [other.length > 0 && `it changes ${other.join(', ')} too`, !found.commentsKept && 'comments or order were lost'],
      `${found.path}: ${found.changedKeys.join(', ') || 'as wanted already'}; the rest untouched`,
      { sha256: found.sha256.slice(0, 16), keys: found.changedKeys },
    );
  };
}

export function validates(found: { agent: string; is: ConfigValidation }[]): Evaluation {
  if (found.length === 0) return inconclusive('nothing was validated');
  return unless(
    found.flatMap(({ agent, is }) => [
      !is.ours.ok && `${agent}: line ${is.ours.line ?? '?'}: ${is.ours.message}`,
      is.agents && !is.agents.ok && `${agent} refuses it: ${is.agents.output.trim().split('\n').at(-1) ?? ''}`,
    ]),
    `${found.length} files validate; ${found.filter(({ is }) => is.agents).length} loaded by their agent's own check`,
    { files: found.length },
  );
}

/**
 * Lines are added; whatever is taken away or moved would be more than the plan wants. Nothing changes of those that `had` all of it before, as
 * after another week: they are not moved.
 */
export function showsChanges(had: readonly string[] = []) {
  return (found: { agent: string; preview: Preview }[]): Evaluation => {
    if (found.length === 0) return inconclusive('nothing was previewed');
    return unless(
      found.flatMap(({ agent, preview }) => [
        preview.removed > 0 && `${agent}: ${preview.removed} lines would go`,
        preview.added === 0 && !had.includes(agent) && `${agent}: nothing would change`,
        preview.state !== 'RUNNING' && `${agent} is ${preview.state}`,
      ]),
      found
        .slice(0, 4)
        .map(({ agent, preview }) =>
          preview.added === 0 ? `${agent} has it already, and is not moved` : `${agent} +${preview.added}`,
        )
        .join(', '),
      Object.fromEntries(found.slice(0, 6).map(({ agent, preview }) => [agent, preview.added])),
    );
  };
}
