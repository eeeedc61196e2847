// The report as a document for people, in three parts: `report.summary`, `report.details`, `report.week-2`.
import { utc } from '../schema/duration.ts';
import {
  channelRows,
  confidence,
  counted,
  answers,
  deadChannels,
  foundText,
  decision,
  decisions,
  incidentsTold,
  issues,
  levelThree,
  measurements,
  moved,
  prerequisites,
  risks,
  rowsOf,
  sectionsOf,
  summary,
  type Table,
  todos,
  undone,
  verdictOf,
  watched,
  wayBack,
  wayBackRows,
} from './contents.ts';
import { kpiTable } from './kpis.ts';
import { readable } from './older.ts';
import { elsewhere, preparedText } from './prepared.ts';
import type { Report } from './report.ts';
import { riskTable, taskTable } from './task-tables.ts';
import type { Requirement } from './rows/requirement.ts';

export function reportMarkdown(given: Report): string {
  const report = readable(given);
  return [
    `# ${report.title}: completion report`,
    `Run \`${report.run}\` of plan \`${report.plan}\` (sha256 \`${report.planDigest.slice(0, 12)}\`), started ${utc(report.startedAt)} by ${report.startedBy}. Written ${utc(report.at)}.`,
    ...(report.rehearsal === null
      ? []
      : [`**A rehearsal**: watched time was divided by ${report.rehearsal}. It can never become a GO for production.`]),
    '## Summary',
    table({ heading: ['', ''], rows: summary(report) }),
    ...gate(report),
    '## Decisions',
    tableOr(decisions(report), 'Nobody has decided yet.'),
    ...(levelThree(report).rows.length > 0 ? ['### Who was told of level 3', table(levelThree(report))] : []),
    '## Tasks',
    tableOr(taskTable(report), 'Not told by the build that wrote it.'),
    '## Key performance indicators',
    table(kpiTable(report)),
    '## Results in detail',
    ...sectionsOf(report).flatMap(({ task, heading }) => section(heading, rowsOf(report, task))),
    '### What is done to each pilot',
    ...deployments(report),
    '### Performance',
    list(
      measurements(report).map(({ id, found, numbers }) => `\`${id}\`: ${found}${numbers && ` (${numbers})`}`),
      'Nothing measured yet.',
    ),
    tableOr(watched(report), 'Nothing watched yet.'),
    '### Issues and what became of them',
    list(issues(report), 'None.'),
    '### Incidents',
    ...incidents(report),
    '### The way back',
    ...wayBack(report),
    ...(wayBackRows(report).length > 0 ? [verdicts(wayBackRows(report))] : []),
    '### What was undone',
    tableOr(undone(report), 'Nothing.'),
    ...(todos(report).length > 0 ? ['### What is still to be undone', list(todos(report), '')] : []),
    '### Who was told',
    verdicts(channelRows(report)),
    list(deadChannels(report), 'No notice failed.'),
    ...(answers(report).length > 0 ? [list(answers(report), '')] : []),
    ...older(report),
    '## Ready for the next week?',
    '### Prerequisites',
    prerequisites(report)
      .map(({ met, text }) => `- [${met ? 'x' : ' '}] ${text}`)
      .join('\n'),
    '### Risks',
    tableOr(riskTable(report), 'The plan names none.'),
    '### Other risks',
    list(risks(report), 'None on record.'),
    '### Team',
    confidence(report),
    '### Decision',
    decision(report),
    '',
  ].join('\n\n');
}

/** What people decide on. */
function gate({ evidence, requirements }: Report): string[] {
  if (!evidence) return [];
  const { at, digest, recommendation, reasons } = evidence;
  return [
    '## Go or no-go',
    `The evidence of ${utc(at)} (\`${digest.slice(0, 12)}\`) speaks for **${recommendation.toUpperCase()}**:`,
    list(reasons, ''),
    verdicts(requirements.filter(({ kind }) => kind === 'gate')),
  ];
}

function verdicts(rows: Requirement[]): string {
  return table({
    heading: ['requirement', 'verdict', 'found'],
    rows: rows.map((row) => [`\`${row.id}\``, verdictOf(row), foundText(row)]),
  });
}

function section(heading: string, rows: Requirement[]): string[] {
  const lines = rows.map((row) => [
    `\`${row.id}\``,
    verdictOf(row),
    row.machine ?? '',
    foundText(row),
    String(row.attempts),
  ]);
  return [
    `### ${heading}`,
    `${counted(rows)}.`,
    table({ heading: ['requirement', 'verdict', 'machine', 'found', 'attempts'], rows: lines }),
  ];
}

/** Before the deployment too. */
function deployments({ prepared = [] }: Report): string[] {
  if (prepared.length === 0) return [elsewhere];
  return prepared
    .map(preparedText)
    .flatMap(({ heading, commands, check, difference }) => [
      `#### ${heading}`,
      fenced('sh', commands.join('\n')),
      `Check: ${check}.`,
      ...(difference === '' ? [] : [fenced('diff', difference)]),
    ]);
}

/** In a fence that nothing in it ends. */
function fenced(language: string, text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${text.trimEnd()}\n${fence}`;
}

function incidents(report: Report): string[] {
  const told = incidentsTold(report);
  if (told.length === 0) return ['None.'];
  const rows = told.map(({ id, level, target, trigger, result, cause, prevention }) => [
    id,
    level,
    target,
    trigger,
    result,
    cause,
    prevention,
  ]);
  return [
    table({ heading: ['incident', 'level', 'of', 'trigger', 'result', 'cause', 'prevention'], rows }),
    list(
      told.flatMap(({ id, actions }) => actions.map((action) => `${id}: ${action}`)),
      'No actions.',
    ),
  ];
}

function older(report: Report): string[] {
  const found = moved(report);
  return found ? ['### What is older', found.where, list(found.counts, '')] : [];
}

function list(items: string[], none: string): string {
  return items.length === 0 ? none : items.map((item) => `- ${item.replaceAll('\n', ' ')}`).join('\n');
}

export function tableOr(found: Table, none: string): string {
  return found.rows.length === 0 ? none : table(found);
}

export function table({ heading, rows }: Table): string {
  const line = (cells: string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
  return [line(heading), `|${heading.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}
