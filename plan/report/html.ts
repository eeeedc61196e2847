// The report as one page that needs nothing else: for a screen, in the dark, on paper. Along the seed's completion template.
import { humanDuration } from '../duration.ts';
import { workOf, type Report, type Requirement } from '../report.ts';
import { timesFailover } from '../steps.ts';
import { bars, timeline, type Bar, type Span } from './charts.ts';
import { escaped } from './html-text.ts';
import { decision, issues, overall, risks, sections, utc } from './markdown.ts';

export function reportHtml(report: Report): string {
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
${summary(report)}
${evidence(report)}
${kpis(report)}
${charts(report)}
${incidents(report)}
<section><h2>Issues and what became of them</h2>${list(issues(report), 'None.')}</section>
<section><h2>Ready for the next week?</h2>
<h3>Risks</h3>${list(risks(report), 'None on record.')}
<h3>Team</h3>${list(report.approvals.map(({ by, from, at: when, decision: said, then, confidencePercent, reason, override }) => `${by} (${from}), ${utc(when)}: ${said.toUpperCase()}${override ? ' against the evidence' : ''}${then ? `, then ${then}` : ''}, confidence ${confidencePercent} %: ${reason}`), 'Nobody has decided yet.')}
<h3>Decision</h3><p>${escaped(decision(report))}</p></section>
<section class="details"><h2>Results in detail</h2>
${sections.map(({ task, heading }) => rows(heading, workOf(report).filter((row) => row.task === task))).join('')}
${rows('The way back', report.requirements.filter(({ kind, verdict }) => (kind === 'undo' || kind === 'emergency') && verdict !== 'open'))}
</section>
</main>
</body>
</html>
`;
}

function summary(report: Report): string {
  const work = workOf(report);
  const passed = (task: string) => work.filter((row) => row.task === task && row.verdict === 'pass').length;
  const all = (task: string) => work.filter((row) => row.task === task).length;
  const facts: [string, string][] = [
    ['Overall status', overall(report)],
    ['Decision', decision(report)],
    ['Completed', report.endedAt === null ? `no: ${report.status} in ${report.phase}` : utc(report.endedAt)],
    ['Infrastructure', ['2A', '2B', '2C'].map((task) => `${task} ${passed(task)} of ${all(task)}`).join(', ')],
    ['Pilots', `${report.pilots.join(', ')}: ${passed('2D')} of ${all('2D')} rows`],
    ['Soak', `${passed('soak')} of ${all('soak')}`],
  ];
  return `<section><h2>Summary</h2><dl>${facts.map(([name, value]) => `<div><dt>${name}</dt><dd>${escaped(value)}</dd></div>`).join('')}</dl></section>`;
}

function evidence({ evidence: frozen, requirements }: Report): string {
  if (!frozen) return '';
  const gate = requirements.filter(({ kind }) => kind === 'gate');
  return `<section><h2>Go or no-go</h2><p>The evidence of ${utc(frozen.at)} (<code>${frozen.digest.slice(0, 12)}</code>) speaks for <strong class="${frozen.recommendation === 'go' ? 'pass' : 'fail'}">${frozen.recommendation.toUpperCase()}</strong>.</p>${list(frozen.reasons, '')}${table(gate)}</section>`;
}

function kpis({ requirements }: Report): string {
  return `<section><h2>Key performance indicators</h2>${table(requirements.filter(({ kind }) => kind === 'kpi'))}</section>`;
}

function charts(report: Report): string {
  const drawn = [uptimes(report), failovers(report), latencies(report), tasks(report)].filter(Boolean);
  return drawn.length === 0 ? '' : `<section><h2>Charts</h2>${drawn.join('')}</section>`;
}

function uptimes({ requirements }: Report): string {
  const rows_ = ['kpi.edgehub-uptime', 'kpi.nats-availability', 'kpi.agent-uptime'].flatMap((id) => requirements.filter((row) => row.id === id && typeof row.evidence['percent'] === 'number'));
  return bars('Availability in percent, planned faults left out', rows_.map(({ id, verdict, evidence: found }): Bar => ({ label: id.slice('kpi.'.length), value: Number(found['percent']), text: `${found['percent']} %`, verdict })));
}

function failovers({ requirements }: Report): string {
  const trials = requirements.filter(({ id }) => timesFailover(id));
  const limit = requirements.find(({ id }) => id === 'kpi.failover-time')?.evidence ?? {};
  const rows_ = trials.flatMap(({ id, verdict, evidence: found }) => Object.entries(found).flatMap(([key, ms]): Bar[] => (key.endsWith(' ms') && typeof ms === 'number' ? [{ label: `${key.slice(0, -3)}, ${id.endsWith('.fallback') ? 'alone' : id.slice('2D.failover.'.length)}`, value: ms, text: `${ms} ms`, verdict }] : [])));
  return bars('Failover to CentralHub in milliseconds', rows_, (['target', 'limit'] as const).flatMap((name) => (typeof limit[name] === 'number' ? [{ label: name, at: limit[name] }] : [])));
}

function latencies({ measured }: Report): string {
  const routes = Object.entries(measured).flatMap(([machine, { responses, messages }]) => [
    ...Object.entries(responses).map(([hub, found]) => ({ label: `${hub} answers`, found })),
    ...Object.entries(messages).flatMap(([to, { latency }]) => (latency ? [{ label: `${machine} to ${to}`, found: latency }] : [])),
  ]);
  const rows_ = routes.flatMap(({ label, found }) => (['p50', 'p95', 'p99'] as const).map((percentile): Bar => ({ label: `${label}, ${percentile}`, value: found[percentile], text: `${found[percentile]} ms`, verdict: 'pass' })));
  return bars('Latencies in milliseconds', rows_);
}

function tasks(report: Report): string {
  const spans = sections.flatMap(({ task, heading }): Span[] => {
    const done = workOf(report).filter((row) => row.task === task && row.startedAt !== null && row.endedAt !== null);
    if (done.length === 0) return [];
    const [from, to] = [Math.min(...done.map(({ startedAt }) => startedAt!)), Math.max(...done.map(({ endedAt }) => endedAt!))];
    return [{ label: heading, from, to, text: humanDuration(to - from), verdict: done.some(({ verdict }) => verdict === 'fail') ? 'fail' : 'pass' }];
  });
  return timeline('Tasks and incidents', spans.sort((a, b) => a.from - b.from), report.incidents.map(({ id, startedAt: at }) => ({ at, label: id })));
}

function incidents({ incidents: all }: Report): string {
  const told = all.map(({ id, level, target, trigger, startedAt, endedAt, limitMs, withinLimit, result, cause, prevention, actions }) => {
    const facts = [`${utc(startedAt)}, ${trigger.automatic ? 'automatic' : trigger.by}: ${trigger.reason}`, ...actions.map(({ what, machine, result: came, ms }) => `${what} on ${machine} (${humanDuration(ms)}): ${came}`), `Cause: ${cause ?? 'to be filled in'}`, `Prevention: ${prevention ?? 'to be filled in'}`];
    return `<h3>${escaped(id)}: level ${level}, ${escaped(target ?? 'the week')}, <span class="${result === 'recovered' ? 'pass' : 'fail'}">${result}</span> after ${humanDuration(endedAt - startedAt)}, ${withinLimit ? 'within' : 'over'} ${humanDuration(limitMs)}</h3>${list(facts, '')}`;
  });
  return `<section><h2>Incidents</h2>${told.join('') || '<p>None.</p>'}</section>`;
}

function rows(heading: string, found: Requirement[]): string {
  return found.length === 0 ? '' : `<h3>${escaped(heading)}</h3>${table(found)}`;
}

function table(found: Requirement[]): string {
  const lines = found.map(({ id, verdict, waived, machine, summary: say, text }) => `<tr><th scope="row"><code>${escaped(id).replaceAll('.', '.<wbr>')}</code></th><td class="${verdict}">${verdict}${waived ? ', waived' : ''}</td><td>${escaped([machine, say ?? text].filter(Boolean).join(': '))}</td></tr>`);
  return `<table><thead><tr><th scope="col">requirement</th><th scope="col">verdict</th><th scope="col">found</th></tr></thead><tbody>${lines.join('')}</tbody></table>`;
}

function list(items: string[], none: string): string {
  if (items.length === 0) return none ? `<p>${none}</p>` : '';
  return `<ul>${items.map((item) => `<li>${escaped(item.replaceAll('`', ''))}</li>`).join('')}</ul>`;
}

const style = `
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #57606a; --line: #d0d7de; --page: #fff; --good: #1a7f37; --bad: #b42318; --open: #8a5a00; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --soft: #9aa4af; --line: #30363d; --page: #0d1117; --good: #4ac26b; --bad: #ff7b72; --open: #d9a441; } }
body { margin: 0 auto; max-width: 60rem; padding: 1rem; font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page); overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; margin-bottom: 0; } h2 { border-bottom: 1px solid var(--line); margin-top: 2rem; } h3 { margin-bottom: .3rem; }
header p, figcaption, dt { color: var(--soft); } .note { border-left: 4px solid var(--open); padding-left: .7rem; }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(15rem, 1fr)); gap: .6rem 1.2rem; } dt { font-size: .85rem; } dd { margin: 0; font-weight: 600; }
table { width: 100%; border-collapse: collapse; } th, td { text-align: left; vertical-align: top; padding: .25rem .6rem .25rem 0; border-bottom: 1px solid var(--line); font-weight: 400; } thead th { font-weight: 600; } th:nth-child(2), td:nth-child(2) { overflow-wrap: normal; width: 6.5rem; } th[scope=row] { width: 30%; } code { font-size: .85em; }
.pass { color: var(--good); } .fail { color: var(--bad); font-weight: 600; } .inconclusive { color: var(--open); } .open { color: var(--soft); }
figure { margin: 1rem 0; } svg { width: 100%; max-width: 45rem; height: auto; font: 13px system-ui, sans-serif; } svg text { fill: var(--ink); } svg text.mark { fill: var(--soft); font-size: 11px; } svg line { stroke: var(--soft); stroke-dasharray: 4 3; } rect.pass { fill: var(--good); } rect.fail { fill: var(--bad); } rect.inconclusive { fill: var(--open); } rect.open { fill: var(--soft); }
@media print { :root { --ink: #000; --page: #fff; --soft: #444; } body { font-size: 9.5px; line-height: 1.35; max-width: none; padding: 0; } h2 { margin-top: .8rem; } tr, figure, li { break-inside: avoid; } th, td { padding: .05rem .4rem .05rem 0; } figure { max-width: 60%; } }
`;
