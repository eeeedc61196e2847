// Every name that two processes must agree on: task queues, workflow ids, search attributes.

export const controlQueue = 'hubshift.control';

/** Behind an "@", which no name has of its own. Without a site all is called as it always was. */
function at(name: string, site: string | undefined): string {
  return site === undefined ? name : `${name}@${site}`;
}

/** What a plan goes by, at Temporal and for people: sites may have plans of one name. */
export function planId({ name, site }: { name: string; site?: string | undefined }): string {
  return at(name, site);
}

/** In what a plan goes by. */
export function siteOf(plan: string): string | undefined {
  return plan.split('@')[1];
}

/** Where weeks begin, and all is done that only looks: of one site, and of all builds. */
export function controlQueueOf(site: string | undefined): string {
  return at(controlQueue, site);
}

/** Whether the control workers of a site serve it: that of all builds, or of one. */
export function isOfSite(queue: string, site: string | undefined): boolean {
  const ofAllBuilds = controlQueueOf(site);
  return queue === ofAllBuilds || queue.startsWith(`${ofAllBuilds}.`);
}

export function isOfAllBuilds(queue: string): boolean {
  return queue === controlQueue || (queue.startsWith(`${controlQueue}@`) && !queue.includes('.', controlQueue.length));
}

/** A build as queues and workers name it. `digest` is the build's. */
export function shortBuild(digest: string): string {
  return digest.slice(0, 12);
}

/** Of one build: a week that was moved there is run by it, or by one that has replayed the week when nobody serves it. */
export function buildQueue(digest: string, site?: string): string {
  return `${controlQueueOf(site)}.${shortBuild(digest)}`;
}

/** A machine's id in queues, namespaces and waits: its name in lower case. */
export function machineId(machine: string): string {
  return machine.toLowerCase();
}

export function machineQueue(machine: string, site?: string): string {
  return at(`hubshift.machine.${machineId(machine)}`, site);
}

/** One run per plan: the workflow id is the plan's (`planId`). */
export function workflowId(plan: string): string {
  return `hubshift-${plan}`;
}

/** Keyword search attributes. */
export const searchAttributes = { plan: 'HubshiftPlan', phase: 'HubshiftPhase', verdict: 'HubshiftVerdict' } as const;

/** Where the control worker keeps reports and states of weeks, unless this variable says otherwise: not with the ledger, which only root reads. */
export const reportsVariable = 'HUBSHIFT_REPORTS';
export const standardReports = '/var/lib/hubshift-reports';

/** What the files of a report are called, before their endings: what is undone leaves the report of the end before it alone. */
export function reportName(run: string, status: string): string {
  return status.startsWith('rolled back') ? `${run}.${status.replaceAll(' ', '-')}` : run;
}

/** Beside the reports: what a long week remembers no more itself. */
export function olderFile(run: string): string {
  return `${run}.older.jsonl`;
}

/** Beside the reports: what was prepared for each pilot, as JSON lines of which the newest counts. */
export function preparedFile(run: string): string {
  return `${run}.prepared.jsonl`;
}

/** Beside the reports: the state of a week as it was last seen. */
export function stateFile(run: string): string {
  return `${run}.state.json`;
}

/** Label on every container we made; its value is the digest of the specification. */
export const specLabel = 'io.hubshift.spec';
/** Label with the run that made the container. */
export const runLabel = 'io.hubshift.run';

/** What tells names apart, as used in step ids: ["nats-main", "nats-pc2"] → ["main", "pc2"]. Cuts at a "-" only. */
export function shortNames(names: string[]): string[] {
  const [first = '', ...others] = names;
  if (others.length === 0) return names;
  let length = 0;
  while (length < first.length && others.every((name) => name[length] === first[length])) length += 1;
  const cut = first.lastIndexOf('-', length - 1) + 1;
  return names.map((name) => name.slice(cut));
}
