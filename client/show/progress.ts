// Draws a week's progress as lines of text. Pure: the same look gives the same lines.
import { findingText } from '../../plan/evidence/findings.ts';
import { estimateText, purposeText } from '../../plan/tasks/purposes.ts';
import type { Glance, Snapshot } from '../../plan/week/snapshot.ts';
import { isPage } from '../../plan/week/paging.ts';
import { waivedText } from '../../plan/week/record.ts';
import { endedStatuses, namesWithout, statusText, type Wait, type WatchWindow } from '../../plan/week/state.ts';
import { commandThere, todo } from '../../plan/week/without.ts';
import type { Look } from '../week/look.ts';
import { takenUp } from './cut.ts';
import { unanswered } from './queue.ts';
import { columns, lasting, type Paint, utc, verdictText } from './text.ts';

const barWidth = 20;
const listed = 8;

export interface Drawing {
  paint: Paint;
  /** Unix milliseconds of this moment. */
  now: number;
  /** For a screen that is painted again and again. Without: each line stands alone, and changes only when the week does. */
  ticking: boolean;
}

export function progressLines(look: Look, drawing: Drawing): string[] {
  const lines = look.snapshot ? snapshotLines(look.snapshot, drawing) : glanceLines(look, drawing);
  const { execution, glance } = look;
  if (['running', 'completed'].includes(execution)) return lines;
  const next = endedStatuses.includes(glance.status) ? 'The week had ended.' : takenUp(glance.run);
  return [
    ...lines,
    '',
    drawing.paint('red', `Temporal says that the execution is ${execution}: it will not go on by itself. ${next}`),
  ];
}

function snapshotLines(seen: Snapshot, drawing: Drawing): string[] {
  const { paint, now, ticking } = drawing;
  const width = Math.max(...seen.tasks.map(({ task }) => task.length));
  const whenOf = ({ endedAt }: Snapshot['tasks'][number]) => (endedAt ? utc(endedAt, now) : '');
  const whenWidth = Math.max(12, ...seen.tasks.map((task) => whenOf(task).length));
  const blocks = [
    seen.tasks.map((of) => {
      const { task, done, total, verdict, purpose } = of;
      const planned = purpose ? `${purpose.priority}, ${estimateText(purpose.estimate)}` : '';
      const count = `${done}/${total}`.padStart(7);
      const filled = Math.floor((done / Math.max(1, total)) * barWidth);
      const bar = ticking ? paint('green', '━'.repeat(filled)) + paint('gray', '╌'.repeat(barWidth - filled)) : '';
      return `  ${task.padEnd(width)}  ${bar}${count}  ${verdictText(paint, verdict, 12)}${paint('gray', `${whenOf(of).padEnd(whenWidth)}  ${planned}`)}`.trimEnd();
    }),
    labelled(
      'task',
      seen.tasks.flatMap((task) => (task.task === seen.phase ? plannedLines(task) : [])),
      drawing,
    ),
    labelled(
      'now',
      some(
        seen.running,
        ({ id, machine, since }) => `${id} · ${machine}${ticking ? paint('gray', `  ${lasting(now - since)}`) : ''}`,
      ),
      drawing,
    ),
    labelled(
      'watched',
      some(
        seen.windows.filter((window) => window.creditMs < window.wantedMs),
        (window) => watched(window, drawing),
      ),
      drawing,
    ),
    labelled(
      'waiting',
      seen.waits.slice(0, listed).flatMap((wait) => waitLines(wait, drawing)),
      drawing,
    ),
    labelled('held', seen.held ? [`${seen.held.reason}, since ${utc(seen.held.since, now)}`] : [], drawing),
    labelled('called', calledLines(seen, drawing), drawing),
    labelled(
      'issues',
      some(
        seen.issues,
        (record) =>
          `${verdictText(paint, record.verdict)} ${record.id} · ${record.machine}: ${record.summary}${record.waived ? ` (${waivedText(record.waived)})` : ''}`,
      ),
      drawing,
    ),
    labelled(
      'evidence',
      seen.evidence
        ? [`speaks for ${seen.evidence.recommendation.toUpperCase()}`, ...seen.evidence.reasons.slice(0, 5)]
        : [],
      drawing,
    ),
    labelled('found', some(seen.findings ?? [], findingText), drawing),
    labelled('explain', some(seen.unexplained ?? [], String), drawing),
    labelled(
      'decided',
      seen.approvals.map(
        (approval) =>
          `${approval.decision.toUpperCase()}${approval.then ? `, then ${approval.then}` : ''} by ${approval.by}, confidence ${approval.confidencePercent} %: ${approval.reason}`,
      ),
      drawing,
    ),
    labelled(
      'warning',
      (seen.warnings ?? []).map((warning) => paint('yellow', warning)),
      drawing,
    ),
    labelled(
      'untold',
      seen.untold.map(({ channel, detail }) => paint('yellow', `${channel}: ${detail}`)),
      drawing,
    ),
    labelled(
      'not kept',
      seen.notKept
        ? [
            paint(
              'yellow',
              `what is older is not written to its file since ${utc(seen.notKept.since, now)}: ${seen.notKept.error}`,
            ),
          ]
        : [],
      drawing,
    ),
    labelled(
      'undone',
      seen.undone
        ? [
            Object.entries(seen.undone.results)
              .map(([result, count]) => `${count} ${result}`)
              .join(', '),
            ...seen.undone.failed.map((failed) => paint('red', failed)),
          ]
        : [],
      drawing,
    ),
    labelled(
      'to do',
      (seen.without ?? []).map((one) => paint('red', todo(seen.run, one))),
      drawing,
    ),
  ];
  return [
    ...heading(seen, seen.title, namesWithout(seen), drawing),
    ...blocks.filter((block) => block.length > 0).flatMap((block) => ['', ...block]),
  ];
}

/** What people are called for, and who looks after it. */
function calledLines({ paged = [], acknowledged = [] }: Snapshot, { now }: Drawing): string[] {
  return paged
    .filter(({ kind }) => isPage(kind))
    .map((page) => {
      const answer = acknowledged.find(({ about }) => about === page.about);
      const taken = page.took ? '' : ', taken by no channel that reaches somebody';
      const since = `${page.about}, since ${utc(page.since, now)}`;
      return answer
        ? `${since}: ${answer.by} has answered, ${utc(answer.at, now)}`
        : `${since}: nobody has answered${taken}; hubshift ack ${page.about}`;
    });
}

function glanceLines({ glance, execution, queue, workers, trouble, ageMs }: Look, drawing: Drawing): string[] {
  const { paint, ticking } = drawing;
  const age = `of ${utc(glance.at)}${ticking ? ` (${lasting(ageMs)} old)` : ''}`;
  const why = trouble === null ? 'No control worker answered.' : `The week can't be asked (${trouble}).`;
  const blocks = [
    execution === 'running'
      ? [paint('yellow', `${why} This is the last persisted state, ${age}.`), unanswered(queue, workers ?? [])]
      : [paint('gray', `The week has ended. This is its last persisted state, ${age}.`)],
    columns(Object.entries(glance.tasks).map(([task, verdict]) => [`  ${task}`, verdict])),
    labelled('waiting', glance.waits, drawing),
    labelled('issues', glance.issues, drawing),
    labelled(
      'to do',
      (glance.without ?? []).map((machine) => paint('red', `${machine}: there, ${commandThere(glance.run, machine)}`)),
      drawing,
    ),
  ];
  return [
    ...heading(glance, glance.plan, glance.without ?? [], drawing),
    ...blocks.filter((block) => block.length > 0).flatMap((block) => ['', ...block]),
  ];
}

function heading(
  seen: Snapshot | Glance,
  title: string,
  without: string[],
  { paint, now, ticking }: Drawing,
): string[] {
  const status = statusText(seen.status, without);
  const facts = [
    `run ${seen.run}`,
    ...(seen.rehearsal === null ? [] : [`rehearsal /${seen.rehearsal}`]),
    seen.phase === 'end' || seen.phase === 'rollback' ? status : `${status} in ${seen.phase}`,
    `verdict ${verdictText(paint, seen.verdict)}`,
    `since ${utc(seen.startedAt, now)}${ticking && seen.phase !== 'end' ? ` (${lasting(now - seen.startedAt)})` : ''}`,
  ];
  return [paint('bold', title), facts.join(' · ')];
}

function watched(window: WatchWindow & { id: string; wantedMs: number }, { ticking }: Drawing): string {
  const credit = ticking
    ? `${lasting(window.creditMs)} of ${lasting(window.wantedMs)} healthy, ${window.samples} samples, longest gap ${lasting(window.longestGapMs)}`
    : `wants ${lasting(window.wantedMs)} of healthy time`;
  const trouble = [
    ...(window.failed > 0 ? [`${window.failed} failed`] : []),
    ...(window.restarts > 0 ? [`begun again ${window.restarts} times`] : []),
    ...(window.firstIssue ? [window.firstIssue] : []),
  ];
  return [`${window.id}  ${credit}`, ...trouble].join(', ');
}

/** What the task that is under way is for, and what may go wrong in it. */
function plannedLines({ task, purpose }: Snapshot['tasks'][number]): string[] {
  if (!purpose) return [];
  const risks = purpose.risks.length > 0 ? [`${task} may meet: ${purpose.risks.join('; ')}`] : [];
  return [`${task}: ${purposeText(purpose)}`, ...risks];
}

/** On whom or what, since when, until when, and the command that ends it. */
function waitLines(wait: Wait, { paint, now, ticking }: Drawing): string[] {
  const until =
    wait.until === undefined
      ? ''
      : ` until ${utc(wait.until, now)}${ticking ? ` (${lasting(wait.until - now)} left)` : ''}`;
  const first = `for ${paint('bold', wait.on)} (${wait.step}) since ${utc(wait.since, now)}${until}`;
  if (!wait.command) return [first];
  const end = `ends with: ${paint('cyan', wait.command)}`;
  return ticking ? [first, `  ${end}`] : [`${first}; ${end}`];
}

function some<T>(items: T[], text: (item: T) => string): string[] {
  const shown = items.slice(0, listed).map(text);
  return items.length > listed ? [...shown, `and ${items.length - listed} more`] : shown;
}

/** A block with its label before the first line, or before each where lines stand alone. */
function labelled(label: string, lines: string[], { paint, ticking }: Drawing): string[] {
  return lines.map((line, index) => `${paint('gray', (index === 0 || !ticking ? label : '').padEnd(9))}${line}`);
}
