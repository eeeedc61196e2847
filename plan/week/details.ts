// The Markdown that the Temporal Web UI shows as a week's current details.
import { findingText } from '../evidence/findings.ts';
import { utc } from '../schema/duration.ts';
import { estimateText } from '../tasks/purposes.ts';
import { waivedText } from './record.ts';
import type { Snapshot, TaskPlanned } from './snapshot.ts';
import { namesWithout, statusText } from './state.ts';
import { todo } from './without.ts';

const marks = { pass: '✓ pass', fail: '✗ fail', inconclusive: '? inconclusive', open: 'open' } as const;

export function detailsOf(seen: Snapshot): string {
  const lines = [
    `**${seen.title}** · run \`${seen.run}\`${seen.rehearsal ? ` · rehearsal /${seen.rehearsal}` : ''} · **${statusText(seen.status, namesWithout(seen))}** in ${seen.phase}`,
    '',
    '| task | done | verdict | priority | estimate | what for |',
    '|---|---|---|---|---|---|',
    ...seen.tasks.map(
      ({ task, done, total, verdict, purpose }) =>
        `| ${[task, `${done} of ${total}`, marks[verdict], ...plannedOf(purpose)].join(' | ')} |`,
    ),
  ];
  const now = seen.tasks.find(({ task }) => task === seen.phase);
  if (now?.purpose) lines.push('', `${now.task} ${standsAndMeets(now.purpose)}`);
  if (seen.running.length > 0)
    lines.push(
      '',
      `Now: ${[...new Set(seen.running.map((item) => `\`${item.id} · ${item.machine}\``))].slice(0, 8).join(', ')}`,
    );
  if (seen.held) lines.push('', `Held: ${seen.held.reason}`);
  for (const wait of seen.waits.slice(0, 6))
    lines.push(
      '',
      `Waiting for **${wait.on}** (${wait.step})${wait.until === undefined ? '' : ` until ${utc(wait.until)}`}${wait.command ? `: \`${wait.command}\`` : ''}`,
    );
  for (const issue of seen.issues.slice(0, 6))
    lines.push(
      '',
      `${marks[issue.verdict]} \`${issue.id}\`: ${issue.summary}${issue.waived ? ` (${waivedText(issue.waived)})` : ''}`,
    );
  for (const finding of (seen.findings ?? []).slice(0, 6)) lines.push('', `Found: ${findingText(finding)}`);
  for (const one of seen.without ?? []) lines.push('', `Still to be done: ${todo(seen.run, one)}`);
  for (const warning of seen.warnings ?? []) lines.push('', `Warning: ${warning}`);
  if (seen.refused) lines.push('', `A decision was refused: ${seen.refused.why}`);
  if (seen.notKept) lines.push('', `What is older is not written to its file: ${seen.notKept.error}`);
  return lines.join('\n');
}

/** Of the task that runs. Those of the others, and what came of them, are in the report. */
function standsAndMeets({ dependencies, risks }: TaskPlanned): string {
  const on = dependencies.length > 0 ? `stands on ${dependencies.join(', ')}` : 'stands on nothing';
  return `${on}, and may meet: ${risks.join('; ') || 'no risk that the plan names'}`;
}

function plannedOf(purpose: TaskPlanned | undefined): string[] {
  if (!purpose) return ['', '', ''];
  return [purpose.priority, estimateText(purpose.estimate), purpose.objective.replaceAll('|', '\\|')];
}
