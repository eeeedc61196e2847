// Reports without a version are of builds in which a row did not say whose it is and where it is told: their ids say it, as they were then.
import type { Report } from './report.ts';
import type { Requirement } from './rows/requirement.ts';

export function readable(report: Omit<Report, 'version'> & { version?: number }): Report {
  if (report.version !== undefined) return report as Report;
  const requirements = report.requirements.map((row) => ({ ...row, ...saidByItsId(row.id, report.pilots) }));
  return { ...report, version: 1, requirements };
}

function saidByItsId(id: string, pilots: string[]): Pick<Requirement, 'agent' | 'trial' | 'toldAs'> {
  const agent = pilots.find((name) => id === `2D.${name}.new` || `${id}.`.startsWith(`2D.deploy.${name}.`));
  const lost = /^2D\.failover\.((?:stop|kill|hang|blackhole)(?:-\d+)?)$/.exec(id)?.[1];
  const trial = id.endsWith('.fallback') ? `${agent} alone` : lost;
  const toldAs = toldThere(id);
  return { ...(agent && { agent }), ...(trial && { trial }), ...(toldAs && { toldAs }) };
}

function toldThere(id: string): Requirement['toldAs'] {
  if (id.startsWith('2D.impact.')) return 'impact';
  if (id === 'preflight.topology') return 'risk';
  return /baseline|latency|impact|failover/.test(id) ? 'performance' : undefined;
}
