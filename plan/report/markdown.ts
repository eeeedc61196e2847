// The report as a document for people. Seed: "Week 1 completion report template", section by section.
import { humanDuration } from '../duration.ts';
import { endedStatuses, holds, workOf, type Report, type Requirement } from '../report.ts';
import type { Evidence, StepRecord } from '../record.ts';

export const sections = [
  { task: 'preflight', heading: 'Before the first change' },
  { task: '2A', heading: 'EdgeHub' },
  { task: '2C', heading: 'NATS JetStream' },
  { task: '2B', heading: 'Pushgateways' },
  { task: '2D', heading: 'Pilot agents' },
  { task: 'soak', heading: 'Soak and checkpoints' },
] as const;

export function reportMarkdown(report: Report): string {
  return [
    `# ${report.title}: completion report`,
    `Run \`${report.run}\` of plan \`${report.plan}\` (sha256 \`${report.planDigest.slice(0, 12)}\`), started ${utc(report.startedAt)} by ${report.startedBy}. Written ${utc(report.at)}.`,
    ...(report.rehearsal === null ? [] : [`**A rehearsal**: watched time was divided by ${report.rehearsal}. It can never become a GO for production.`]),
    '## Summary',
    table(['', ''], summary(report)),
    ...gate(report),
    '## Key performance indicators',
    verdicts(report.requirements.filter(({ kind }) => kind === 'kpi')),
    '## Results in detail',
    ...sections.flatMap(({ task, heading }) => section(heading, workOf(report).filter((row) => row.task === task))),
    '### Performance',
    ...performance(report),
    '### Issues and what became of them',
    list(issues(report), 'None.'),
    '### Incidents',
    ...incidents(report),
    '### The way back',
    ...wayBack(report),
    '## Ready for the next week?',
    '### Prerequisites',
    sections.map(({ task, heading }) => `- [${holds(of(report, task)) ? 'x' : ' '}] ${heading}: ${counted(of(report, task))}`).join('\n'),
    '### Risks',
    list(risks(report), 'None on record.'),
    '### Team',
    list(report.approvals.map((approval) => `${approval.by} (${approval.from}), ${utc(approval.at)}: **${approval.decision.toUpperCase()}**${approval.then ? `, then ${approval.then}` : ''}, confidence ${approval.confidencePercent} %: ${approval.reason}`), 'Nobody has decided yet.'),
    '### Decision',
    decision(report),
    '',
  ].join('\n\n');
}

function summary(report: Report): string[][] {
  const impact = workOf(report).filter((row) => row.id.startsWith('2D.impact.') && row.summary).map((row) => row.summary);
  return [
    ['Completed', report.endedAt === null ? `no: ${report.status} in ${report.phase}` : utc(report.endedAt)],
    ['Overall status', overall(report)],
    ['Infrastructure', ['2A', '2B', '2C'].map((task) => `${task} ${counted(of(report, task))}`).join('; ')],
    ['Pilot migration', report.pilots.map((pilot) => `${pilot} ${standing(pilotRows(report, pilot))}`).join('; ')],
    ['Performance impact', impact.join('; ') || 'not measured'],
    ['Next week', decision(report)],
  ];
}

export function overall(report: Report): string {
  if (report.status === 'completed') return holds(workOf(report)) ? 'SUCCESS' : 'PARTIAL';
  if (endedStatuses.includes(report.status)) return `FAILED (${report.status})`;
  return report.verdict === 'fail' ? 'FAILED so far' : 'PARTIAL (not ended)';
}

export function decision(report: Report): string {
  if (report.status === 'completed') return report.rehearsal === null ? 'GO' : 'GO of a rehearsal: no decision about production';
  if (endedStatuses.includes(report.status)) return `NO-GO (${report.status})`;
  return 'Open: nothing is decided yet';
}

/** What people decided on. */
function gate({ evidence, requirements }: Report): string[] {
  if (!evidence) return [];
  const { at, digest, recommendation, reasons } = evidence;
  return ['## Go or no-go', `The evidence of ${utc(at)} (\`${digest.slice(0, 12)}\`) speaks for **${recommendation.toUpperCase()}**:`, list(reasons, ''), verdicts(requirements.filter(({ kind }) => kind === 'gate'))];
}

function verdicts(rows: Requirement[]): string {
  return table(['requirement', 'verdict', 'found'], rows.map(({ id, verdict, summary: found, text }) => [`\`${id}\``, verdict, found ?? text]));
}

function section(heading: string, rows: Requirement[]): string[] {
  const lines = rows.map((row) => [`\`${row.id}\``, row.waived ? `${row.verdict}, waived` : row.verdict, row.machine ?? '', row.summary ?? row.text, String(row.attempts)]);
  return [`### ${heading}`, `${counted(rows)}.`, table(['requirement', 'verdict', 'machine', 'found', 'attempts'], lines)];
}

function performance(report: Report): string[] {
  const measured = workOf(report).filter((row) => row.summary && /baseline|latency|impact|failover|no-impact/.test(row.id));
  const watched = report.windows.map((window) => [
    `\`${window.id}\``,
    humanDuration(window.creditMs),
    humanDuration(window.wantedMs),
    String(window.samples),
    String(window.failed),
    humanDuration(window.longestGapMs),
    String(window.restarts),
  ]);
  return [
    list(measured.map((row) => `\`${row.id}\`: ${row.summary}${evidenceText(row.evidence)}`), 'Nothing measured yet.'),
    ...(watched.length > 0 ? [table(['watched', 'healthy', 'wanted', 'samples', 'failed', 'longest gap', 'begun again'], watched)] : []),
  ];
}

function evidenceText(evidence: Evidence): string {
  const facts = Object.entries(evidence).map(([name, value]) => `${name} ${Array.isArray(value) ? value.join(' ') : value}`);
  return facts.length === 0 ? '' : ` (${facts.join(', ')})`;
}

export function issues(report: Report): string[] {
  const now = workOf(report).filter((row) => row.verdict === 'fail' || row.verdict === 'inconclusive' || row.waived);
  const before = report.history.filter((record: StepRecord) => record.verdict !== 'pass');
  return [
    ...now.map((row) => `\`${row.id}\` ${row.verdict}: ${row.summary}${row.waived ? `. Waived by ${row.waived.by}, ${utc(row.waived.at)}: ${row.waived.reason}` : ''}`),
    ...before.map((record) => {
      const later = workOf(report).find((row) => row.id === record.id);
      return `\`${record.id}\` ${record.verdict}, ${utc(record.endedAt)}: ${record.summary}. Since then: ${later?.verdict ?? 'open'}`;
    }),
    ...report.windows.flatMap((window) => (window.firstIssue ? [`\`${window.id}\` while watched: ${window.firstIssue}`] : [])),
  ];
}

function incidents({ incidents: all }: Report): string[] {
  if (all.length === 0) return ['None.'];
  const rows = all.map(({ id, level, target, trigger, startedAt, endedAt, limitMs, withinLimit, result, cause, prevention }) => [
    id,
    String(level),
    target ?? 'the week',
    `${utc(startedAt)}, ${trigger.automatic ? 'automatic' : trigger.by}: ${trigger.reason}`,
    `${result} after ${humanDuration(endedAt - startedAt)}, ${withinLimit ? 'within' : 'over'} ${humanDuration(limitMs)}`,
    cause ?? 'to be filled in',
    prevention ?? 'to be filled in',
  ]);
  return [table(['incident', 'level', 'of', 'trigger', 'result', 'cause', 'prevention'], rows), list(all.flatMap(({ id, actions }) => actions.map(({ what, machine, result, ms }) => `${id}: ${what} on ${machine} (${humanDuration(ms)}): ${result}`)), 'No actions.')];
}

function wayBack({ requirements, rollback: { rehearsal, newest } }: Report): string[] {
  const undone = requirements.filter(({ kind, verdict }) => kind === 'undo' && verdict !== 'open');
  const took = newest?.verifiedAt ? ` in ${humanDuration(newest.verifiedAt - newest.startedAt)}, with a look at the result` : '';
  return [
    rehearsal ? `Rehearsed with the first pilot: ${humanDuration(Number(rehearsal['rollbackMs']))} back, ${humanDuration(Number(rehearsal['migrateMs']))} forth.` : 'Not rehearsed yet.',
    newest ? `Rolled back (${newest.scope === 'all' ? 'everything' : Object.values(newest.scope).join()})${took}: ${newest.reason}` : 'Nothing was rolled back.',
    ...(undone.length > 0 ? [verdicts(undone)] : []),
  ];
}

export function risks(report: Report): string[] {
  const topology = workOf(report).find((row) => row.id === 'preflight.topology')?.summary;
  return [
    ...(topology ? [topology] : []),
    ...workOf(report).flatMap((row) => (row.waived ? [`\`${row.id}\` was waived and is not known to hold`] : [])),
    ...report.undone.flatMap((entry) => (entry.result === 'left' || entry.result === 'failed' ? [`${entry.machine}: ${entry.kind} ${entry.target} ${entry.result}: ${entry.detail ?? ''}`] : [])),
  ];
}

function of(report: Report, task: string): Requirement[] {
  return workOf(report).filter((row) => row.task === task);
}

function pilotRows(report: Report, pilot: string): Requirement[] {
  return workOf(report).filter(({ id }) => id === `2D.${pilot}.new` || id === `2D.deploy.${pilot}` || id.startsWith(`2D.deploy.${pilot}.`));
}

function standing(rows: Requirement[]): string {
  if (holds(rows)) return 'migrated';
  return rows.some((row) => row.verdict === 'fail') ? 'failed' : `open (${counted(rows)})`;
}

function counted(rows: Requirement[]): string {
  return `${rows.filter((row) => row.verdict === 'pass').length} of ${rows.length} passed`;
}

function list(items: string[], none: string): string {
  return items.length === 0 ? none : items.map((item) => `- ${item}`).join('\n');
}

function table(heading: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
  return [line(heading), `|${heading.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}

export function utc(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
