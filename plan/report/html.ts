// The report as one page that needs nothing else: for a screen, in the dark, on paper. In the same parts as the document: `report.summary`, `report.details`, `report.week-2`.
import { utc } from '../schema/duration.ts';
import {
  channelRows,
  confidence,
  counted,
  answers,
  deadChannels,
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
  foundText,
  todos,
  undone,
  verdictOf,
  watched,
  wayBack,
  wayBackRows,
} from './contents.ts';
import { courses, drawings } from './drawings.ts';
import { escaped } from './html-text.ts';
import { kpiTable } from './kpis.ts';
import { readable } from './older.ts';
import { elsewhere, preparedText } from './prepared.ts';
import type { Report } from './report.ts';
import { riskClasses, riskTable, taskTable } from './task-tables.ts';
import type { Requirement } from './rows/requirement.ts';
import { style } from './style.ts';

export function reportHtml(given: Report): string {
  const report = readable(given);
  const { title, run, plan, planDigest, startedAt, startedBy, at, rehearsal } = report;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}: completion report</title>
<style>${style}</style>
</head>
<body>
<header>
<h1>${escaped(title)}</h1>
<p>Run <code>${escaped(run)}</code> of plan <code>${escaped(plan)}</code> (sha256 <code>${planDigest.slice(0, 12)}</code>), started ${utc(startedAt)} by ${escaped(startedBy)}. Written ${utc(at)}.</p>
${rehearsal === null ? '' : `<p class="note"><strong>A rehearsal</strong>: watched time was divided by ${rehearsal}. It can never become a GO for production.</p>`}
</header>
<main>
<section><h2>Summary</h2><dl>${summary(report)
    .map(
      ([name, value]) =>
        `<div${value.length > 80 ? ' class="long"' : ''}><dt>${name}</dt><dd>${escaped(value)}</dd></div>`,
    )
    .join('')}</dl></section>
${gate(report)}
<section><h2>Decisions</h2>${wide(decisions(report), 'Nobody has decided yet.')}${levelThree(report).rows.length > 0 ? `<h3>Who was told of level 3</h3>${wide(levelThree(report), '')}` : ''}</section>
<section><h2>Tasks</h2>${wide(taskTable(report), 'Not told by the build that wrote it.')}</section>
<section><h2>Key performance indicators</h2>${kpis(report)}</section>
${charts(report)}
<section><h2>Results in detail</h2><div class="flow">
${sectionsOf(report)
  .map(({ task, heading }) => section(heading, rowsOf(report, task)))
  .join('')}
<h3>What is done to each pilot</h3>${deployments(report)}
<h3>Performance</h3>${list(
    measurements(report).map(({ id, found, numbers }) => `\`${id}\`: ${numbers || found}`),
    'Nothing measured yet.',
  )}${wide(watched(report), 'Nothing watched yet.')}
<h3>Issues and what became of them</h3>${list(issues(report), 'None.')}
<h3>Incidents</h3>${incidents(report)}
<h3>The way back</h3>${list(wayBack(report), '')}${wayBackRows(report).length > 0 ? verdicts(wayBackRows(report)) : ''}
<h3>What was undone</h3>${wide(undone(report), 'Nothing.')}${todos(report).length > 0 ? `<h3>What is still to be undone</h3>${list(todos(report), '')}` : ''}
<h3>Who was told</h3>${verdicts(channelRows(report))}${list(deadChannels(report), 'No notice failed.')}${answers(report).length > 0 ? list(answers(report), '') : ''}
${older(report)}</div></section>
<section><h2>Ready for the next week?</h2><div class="flow">
<h3>Prerequisites</h3><ul class="checklist">${prerequisites(report)
    .map(({ met, text }) => `<li class="${met ? 'pass' : 'open'}">${met ? '☑' : '☐'} ${escaped(text)}</li>`)
    .join('')}</ul>
<h3>Risks</h3>${wide(riskTable(report), 'The plan names none.', (row, column) => (column === 2 ? riskClasses(report)[row]! : ''))}
<h3>Other risks</h3>${list(risks(report), 'None on record.')}
<h3>Team</h3><p>${escaped(confidence(report))}</p>
<h3>Decision</h3><p>${escaped(decision(report))}</p></div></section>
</main>
</body>
</html>
`;
}

/** What people decide on. */
function gate({ evidence, requirements }: Report): string {
  if (!evidence) return '';
  const { at, digest, recommendation, reasons } = evidence;
  return `<section><h2>Go or no-go</h2><p>The evidence of ${utc(at)} (<code>${digest.slice(0, 12)}</code>) speaks for <strong class="${recommendation === 'go' ? 'pass' : 'fail'}">${recommendation.toUpperCase()}</strong>.</p><div class="flow">${list(reasons, '')}${verdicts(requirements.filter(({ kind }) => kind === 'gate'))}</div></section>`;
}

function kpis(report: Report): string {
  const rows = report.requirements.filter(({ kind }) => kind === 'kpi');
  return wide(kpiTable(report), '', (row, column) => (column === 1 ? rows[row]!.verdict : ''));
}

function charts(report: Report): string {
  const [drawn, series] = [drawings(report), courses(report)];
  return [
    drawn.length === 0 ? '' : `<section><h2>Charts</h2><div class="charts">${drawn.join('')}</div></section>`,
    series.length === 0
      ? ''
      : `<section><h2>How the KPIs went</h2><div class="courses">${series.join('')}</div></section>`,
  ].join('\n');
}

/** Before the deployment too. */
function deployments({ prepared = [] }: Report): string {
  if (prepared.length === 0) return list([elsewhere], '');
  return prepared
    .map(preparedText)
    .map(
      ({ heading, commands, check, difference }) =>
        `<h4>${escaped(heading)}</h4><pre>${escaped(commands.join('\n'))}</pre>${list([`Check: ${check}`], '')}${difference === '' ? '' : `<pre>${escaped(difference)}</pre>`}`,
    )
    .join('');
}

function incidents(report: Report): string {
  const told = incidentsTold(report).map(
    ({ id, level, target, trigger, result, recovered, actions, cause, prevention }) =>
      `<h4>${escaped(`${id}: level ${level}, ${target}`)}, <span class="${recovered ? 'pass' : 'fail'}">${result}</span></h4>${list([trigger, ...actions, `Cause: ${cause}`, `Prevention: ${prevention}`], '')}`,
  );
  return told.join('') || '<p>None.</p>';
}

function older(report: Report): string {
  const found = moved(report);
  return found ? `<h3>What is older</h3><p>${rich(found.where)}</p>${list(found.counts, '')}\n` : '';
}

function section(heading: string, rows: Requirement[]): string {
  return `<h3>${escaped(heading)}: ${counted(rows)}</h3>${verdicts(rows)}`;
}

/** What was found of each requirement. */
function verdicts(rows: Requirement[]): string {
  const lines = rows.map(
    (row) =>
      `<tr><th scope="row">${code(row.id)}</th><td class="${row.verdict}">${verdictOf(row)}</td><td>${escaped([row.machine, foundText(row)].filter(Boolean).join(': '))}</td></tr>`,
  );
  return `<table class="rows"><thead><tr><th scope="col">requirement</th><th scope="col">verdict</th><th scope="col">found</th></tr></thead><tbody>${lines.join('')}</tbody></table>`;
}

/** Shorter ones stay on one line. */
const shortText = 14;

/** A table of many columns: a row is a block of its own where there is no room for them. */
function wide(
  { heading, rows }: Table,
  none: string,
  verdict: (row: number, column: number) => string = () => '',
): string {
  if (rows.length === 0) return `<p>${none}</p>`;
  const cell = (text: string, row: number, column: number) =>
    column === 0
      ? `<th scope="row">${rich(text)}</th>`
      : `<td data-label="${heading[column]}" class="${verdict(row, column)}${text.length < shortText ? ' short' : ''}">${rich(text)}</td>`;
  return `<table class="wide"><thead><tr>${heading.map((name) => `<th scope="col">${name}</th>`).join('')}</tr></thead><tbody>${rows.map((cells, row) => `<tr>${cells.map((text, column) => cell(text, row, column)).join('')}</tr>`).join('')}</tbody></table>`;
}

function list(items: string[], none: string): string {
  if (items.length === 0) return none ? `<p>${none}</p>` : '';
  return `<ul>${items.map((item) => `<li>${rich(item)}</li>`).join('')}</ul>`;
}

/** As text, with `ids` set as code. */
function rich(text: string): string {
  return text
    .split('`')
    .map((part, index) => (index % 2 === 1 ? code(part) : escaped(part)))
    .join('');
}

function code(id: string): string {
  return `<code>${escaped(id).replaceAll('.', '.<wbr>')}</code>`;
}
