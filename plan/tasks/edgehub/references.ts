// What the plan must hold for EdgeHub: one of it, whose command says what its other keys say.
import { promDuration, promMs } from '../../schema/duration.ts';
import type { Plan } from '../../schema/plan.ts';
import { type Refuse, unique } from '../../schema/refuse.ts';
import { refuseElsewhere, refuseOtherwise, refuseRepeated, refuseUnkept } from '../shared/answers-at.ts';
import { refuseUnnamed } from '../shared/config-directory.ts';
import { refuseVariables } from '../shared/access.ts';
import { saidIn } from '../shared/fallbacks.ts';
import { agentJobNames } from './agent-jobs.ts';
import { resendFlag, sentAgainMs } from './alertmanagers.ts';
import { refuseWeb } from '../shared/web.ts';
import { ownPort, retentionFlag, retentionUnsaid } from './fallbacks.ts';
import type { EdgeHub } from './schema.ts';
import { storageDirectory, storageFlag } from './storage.ts';

const receives = /^--(web\.enable-remote-write-receiver$|enable-feature=(.*,)?remote-write-receiver(,|$))/;

export function references({ services }: Plan, refuse: Refuse): void {
  const count = services.filter(({ kind }) => kind === 'edge-hub').length;
  if (count !== 1) refuse(['services'], `exactly one service of kind edge-hub; found ${count}`);
}

export function contradictions(plan: Plan, refuse: Refuse): void {
  const { services, agents, migration } = plan;
  services.forEach((service, index) => {
    if (service.kind !== 'edge-hub') return;
    refuseUnnamed(service, index, refuse);
    const said = saidIn(service, retentionFlag);
    if (promMs(said ?? retentionUnsaid) !== service.retention)
      refuse(
        ['services', index, 'retention'],
        `${said ?? retentionUnsaid}, which ${said ? `its command says with ${retentionFlag}` : `holds without ${retentionFlag} in its command`}, or there ${promDuration(service.retention)}`,
      );
    refuseRepeated(service, index, refuse);
    refuseElsewhere(service, index, ownPort, refuse);
    refuseUnkept(storageDirectory(service), storageFlag, index, refuse);
    const resend = service.alerting && saidIn(service, resendFlag);
    if (resend !== undefined && promMs(resend) >= sentAgainMs)
      refuse(
        ['services', index, 'command'],
        `${resendFlag} below ${promDuration(sentAgainMs)}, in which its Alertmanagers must hear of an alert again,`,
      );
    refuseUnscraped(service, index, plan, refuse);
    refuseUntold(service, index, migration.contract.acknowledged?.label, refuse);
    if (!agents.some(({ machine }) => machine === service.machine))
      refuse(['services', index, 'machine'], 'a machine with agents: it scrapes those beside it');
  });
}

export function accesses(plan: Plan, refuse: Refuse): void {
  const { version, services, agents } = plan;
  services.forEach((service, index) => {
    if (service.kind !== 'edge-hub') return;
    refuseOtherwise(service, index, version, refuse);
    refuseWeb(service, index, plan, refuse);
    refuseUnreadable(service, services, agents, refuse);
  });
}

/** What it does it is given the time for, and each of its jobs a name. */
function refuseUnscraped(service: EdgeHub, index: number, plan: Plan, refuse: Refuse): void {
  const at = ['services', index];
  const { scrapeInterval, remoteWrite } = service;
  const wanted = `at least its scrapeInterval, ${promDuration(scrapeInterval)},`;
  if (service.scrapeWithin < scrapeInterval) refuse([...at, 'scrapeWithin'], wanted);
  if (plan.migration.freshWithin < scrapeInterval)
    refuse(
      ['migration', 'freshWithin'],
      `at least the scrapeInterval of ${service.name}, ${promDuration(scrapeInterval)},`,
    );
  if (service.rulesFile === service.configFile) refuse([...at, 'rulesFile'], 'another file than its configFile');
  if (remoteWrite.minBackoff > remoteWrite.maxBackoff)
    refuse([...at, 'remoteWrite', 'minBackoff'], `at most its maxBackoff, ${promDuration(remoteWrite.maxBackoff)},`);
  if (!service.command.some((part) => receives.test(part)))
    refuse([...at, 'command'], '--web.enable-remote-write-receiver in it, since pilots push to it,');
  const gateways = plan.services.filter(
    (other) => other.kind === 'pushgateway' && other.scrapedBy.includes(service.name),
  );
  const jobs = [service.name, ...agentJobNames(plan), ...gateways.map(({ name }) => name)];
  unique(jobs, (place) => {
    const named = plan.services.findLastIndex(({ name }) => name === jobs[place]);
    refuse(['services', named, 'name'], `a name that no other scrape job of ${service.name} has: ${jobs.join(', ')}`);
  });
}

/** Copies are told by the external labels: series without these, or with their own by that name, pass for the other hub's. */
function refuseUntold({ externalLabels }: EdgeHub, index: number, ofBatches: string | undefined, refuse: Refuse): void {
  const at = ['services', index, 'externalLabels'];
  const ofSeries = ['job', 'instance', ofBatches];
  if (Object.keys(externalLabels).length === 0)
    refuse(at, 'a label, such as hub: edgehub, by which CentralHub knows what EdgeHub sends it,');
  for (const [label, value] of Object.entries(externalLabels)) {
    if (value === '') refuse([...at, label], 'a value (a label without one is no label)');
    // Prometheus 3 would put what its environment has there, and 2 would leave it as it is.
    if (value.includes('$')) refuse([...at, label], 'a value without "$" (Prometheus 3 takes it for a variable)');
    if (label === '') refuse(at, 'a name for each label');
    if (label.startsWith('__'))
      refuse([...at, label], "a label that does not begin with __ (those are Prometheus' own)");
    if (ofSeries.includes(label))
      refuse([...at, label], `another label (series have a ${label} of their own, and keep it)`);
  }
}

/** It reads logins of what it asks from files. */
function refuseUnreadable(edge: EdgeHub, services: Plan['services'], agents: Plan['agents'], refuse: Refuse): void {
  services.forEach((service, index) => {
    if (service.kind === 'central-hub' || service.kind === 'edge-hub')
      refuseVariables(service, ['services', index], edge.name, refuse);
  });
  agents.forEach((agent, index) => {
    if (agent.machine === edge.machine) refuseVariables(agent, ['agents', index], edge.name, refuse);
  });
}
