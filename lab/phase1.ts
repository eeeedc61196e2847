// The state before the week: CentralHub on its machine, every agent with a Phase 1 configuration. What is there is never overwritten.
import { chownSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import { type Access, credentialsOf, withFiles } from '../plan/schema/access.ts';
import type { Agent } from '../plan/schema/agent.ts';
import { agentTarget, urlAt } from '../plan/schema/endpoints.ts';
import { type Plan, serviceOf } from '../plan/schema/plan.ts';
import { type HttpTarget, urlOf } from '../plan/machine-api/target.ts';
import type { CentralHub } from '../plan/tasks/preflight/schema.ts';
import { hubTarget, hubUrl } from '../plan/tasks/shared/hubs.ts';
import { scrapedWith } from '../plan/tasks/shared/scraped.ts';
import { externalFlag, webConfigFlag } from '../plan/tasks/shared/web.ts';
import { ask, toldBy } from './ask.ts';
import { dockerOf } from './docker.ts';
import { type LabMachine, siteDirectory } from './layout.ts';
import { waitUntil } from './process.ts';
import { agentsCertificate, webConfigOf } from './site.ts';

const containerPort = 9090;
const nobody = 65534;

/** Writes the configurations of the agents of one machine, those that are missing. */
export function writeAgentConfigs(plan: Plan, machine: LabMachine): void {
  for (const agent of agentsOn(plan, machine)) {
    writeMissing(join(machine.root, agent.config), agentConfigText(plan, agent, machine.root));
    if (agent.log !== undefined) mkdirSync(dirname(join(machine.root, agent.log)), { recursive: true });
    mkdirSync(dirname(acksOf(agent, machine.root)), { recursive: true });
  }
}

/** Makes the container if it is missing and starts it if it is stopped. */
export async function centralHubUp(plan: Plan, machines: LabMachine[]): Promise<void> {
  const hub = serviceOf(plan, 'central-hub');
  const machine = machineOf(machines, hub.machine);
  const config = join(machine.root, hub.config);
  const data = join(dirname(dirname(config)), 'data');
  writeMissing(config, centralHubText(plan, hub));
  mkdirSync(data, { recursive: true });
  chownSync(data, nobody, nobody);
  const webConfig = webConfigOf(hub);
  const docker = dockerOf(machine);
  const found = await docker
    .getContainer(hub.name)
    .inspect()
    .catch(() => undefined);
  if (found?.State.Running) return;
  if (found) return docker.getContainer(hub.name).start();
  const container = await docker.createContainer({
    name: hub.name,
    Image: serviceOf(plan, 'edge-hub').image,
    Cmd: [
      `--config.file=/etc/prometheus/${config.slice(dirname(config).length + 1)}`,
      '--storage.tsdb.path=/prometheus',
      '--web.enable-remote-write-receiver',
      ...(hub.lifecycle ? ['--web.enable-lifecycle'] : []),
      ...(hub.pathPrefix ? [`${externalFlag}=${hubUrl(hub)}`] : []),
      ...(webConfig ? [`${webConfigFlag}=${seenBy(hub)(webConfig)}`] : []),
    ],
    ExposedPorts: { [`${containerPort}/tcp`]: {} },
    HostConfig: {
      Binds: [
        `${dirname(config)}:/etc/prometheus`,
        `${data}:/prometheus`,
        ...(webConfig ? [`${machine.site}:${seenBy(hub)(siteDirectory)}:ro`] : []),
      ],
      PortBindings: { [`${containerPort}/tcp`]: [{ HostPort: String(hub.port) }] },
      RestartPolicy: { Name: 'always' },
      ExtraHosts: machines.map(({ name, address }) => `${name}:${address}`),
    },
  });
  await container.start();
}

/** Waits until every agent answers and CentralHub has scraped them all. Throws naming those that are missing. */
export async function awaitPhase1(plan: Plan, machines: LabMachine[]): Promise<void> {
  const hub = serviceOf(plan, 'central-hub');
  const hubMachine = machineOf(machines, hub.machine);
  const central = atAddress(hubTarget(hub), hubMachine);
  const agents = plan.agents.map((agent) => {
    const machine = machineOf(machines, agent.machine);
    return { agent, machine, target: atAddress(agentTarget(agent), machine) };
  });
  let silent: string[] = [];
  const healthy = await waitUntil(
    async () => {
      const answers = await Promise.all(
        agents.map(async ({ agent, machine, target }) =>
          (await ask(machine, target)) === undefined ? [`${agent.name} (${urlOf(target)})`] : [],
        ),
      );
      silent = answers.flat();
      return silent.length === 0;
    },
    30_000,
    250,
  );
  if (!healthy)
    throw new Error(
      `These agents do not answer after 30 s: ${silent.join(', ')}. Look at their logs under ${machines.map(({ root }) => root).join(' and ')}`,
    );
  let unscraped: string[] = [];
  const scraped = await waitUntil(
    async () => {
      const up = upTargets(await ask(hubMachine, central, '/api/v1/query?query=up'));
      unscraped = plan.agents.map((agent) => `${agent.machine}:${agent.port}`).filter((target) => !up.includes(target));
      return unscraped.length === 0;
    },
    30_000,
    250,
  );
  if (!scraped)
    throw new Error(
      `${hub.name} on ${hub.machine} has not scraped after 30 s: ${unscraped.join(', ')}. Look at ${urlOf(central)}/targets`,
    );
}

export function agentsOn(plan: Plan, machine: LabMachine): Agent[] {
  return plan.agents.filter((agent) => agent.machine === machine.name);
}

/** An agent's Phase 1 YAML: one hub, and its health posted straight to its peer. */
export function agentConfigText(plan: Plan, agent: Agent, root: string): string {
  const hub = serviceOf(plan, 'central-hub');
  const peer = plan.agents.find(({ name }) => name === agent.peer);
  const { cert, key } = agentsCertificate;
  const guard = {
    ...(agent.scheme === 'https' && { cert_file: cert, key_file: key }),
    ...toldBy({ authorization: agent.authorization }),
  };
  const access = { ...prefixed('central', toldBy(hub)), ...(peer && prefixed('peer', toldBy(peer))) };
  return `# ${agent.name} on ${agent.machine}. Phase 1: one hub.
agent:
  name: ${agent.name}
  kind: ${agent.kind}
  listen:
    host: 0.0.0.0 # every address of this machine
    port: ${agent.port}
${indented(4, guard)}
# Where batches go, by Prometheus remote write.
hub_url: ${hubUrl(hub)}
push_interval: 0.5 # seconds between batches
ack_log: ${acksOf(agent, root)} # one line for each batch that the hub took
${
  peer
    ? `
# Health for the agent on the other machine, straight over HTTP.
peer_health:
  url: ${urlAt(peer, peer.port)}/peer-health
  interval: 2 # seconds
`
    : ''
}${
    Object.keys(access).length > 0
      ? `
# With what hub and peer are asked.
hub_access:
${indented(2, access)}`
      : ''
  }`;
}

/** CentralHub's prometheus.yml: it scrapes every agent by its machine's name. */
export function centralHubText(plan: Plan, hub: CentralHub): string {
  return `# ${hub.name} on ${hub.machine}: the hub of Phase 1.
global:
  scrape_interval: 2s # short, because the lab's watches are short
  scrape_timeout: 1s

# Agents push here when their own hub is away, and what EdgeHub has buffered comes late.
storage:
  tsdb:
    out_of_order_time_window: 10m

scrape_configs:
  # The hub itself.
  - job_name: ${hub.name}
${indented(4, scrapedBy(hub, asItself(hub)))}    static_configs:
      - targets: [localhost:${containerPort}]

${agentJobs(plan, hub).join('\n')}`;
}

/** Every agent, on every machine: a job for all that are asked alike. */
function agentJobs(plan: Plan, hub: CentralHub): string[] {
  const alike = new Map<string, Agent[]>();
  for (const agent of plan.agents) {
    const asked = indented(4, scrapedBy(hub, agent));
    alike.set(asked, [...(alike.get(asked) ?? []), agent]);
  }
  return [...alike].map(
    ([asked, agents], index) => `  # Every agent, on every machine.
  - job_name: ${index === 0 ? 'agents' : `agents-${index + 1}`}
${asked}    static_configs:
      - targets:
${agents.map((agent) => `          - ${agent.machine}:${agent.port} # ${agent.name}`).join('\n')}
`,
  );
}

function scrapedBy(hub: CentralHub, access: Access): object {
  return scrapedWith({ ...access, ...withFiles(credentialsOf(access), seenBy(hub)) });
}

/** It asks itself by another name than its certificate has to have. */
function asItself(hub: CentralHub): Access {
  return hub.scheme === 'https' ? { ...hub, tlsConfig: { ...hub.tlsConfig, serverName: hub.machine } } : hub;
}

function prefixed(role: string, access: object): Record<string, string> {
  return Object.fromEntries(Object.entries(access).map(([key, value]) => [`${role}_${key}`, value as string]));
}

/** YAML of a block's keys; nothing where there are none. */
function indented(by: number, values: object): string {
  if (Object.keys(values).length === 0) return '';
  return stringify(values).replaceAll(/^(?=.)/gm, ' '.repeat(by));
}

export function acksOf({ acks, log, config }: Agent, root: string): string {
  return join(root, acks ?? `${log ?? config}.acks.jsonl`);
}

function machineOf(machines: LabMachine[], name: string): LabMachine {
  const found = machines.find((machine) => machine.name === name);
  if (!found)
    throw new Error(`The lab has no machine ${name}; it has ${machines.map((machine) => machine.name).join(', ')}`);
  return found;
}

function writeMissing(file: string, text: string): void {
  if (existsSync(file)) return;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/** The instances that are up, in the answer to that query. */
function upTargets(answer: string | undefined): string[] {
  if (answer === undefined) return [];
  const { data } = JSON.parse(answer) as {
    data: { result: { metric: { instance: string }; value: [number, string] }[] };
  };
  return data.result.filter(({ value }) => value[1] === '1').map(({ metric }) => metric.instance);
}

/** This host does not know the machines by their names. */
function atAddress(target: HttpTarget, { name, address }: LabMachine): HttpTarget {
  const url = urlOf(target).replace(`//${name}:`, `//${address}:`);
  return typeof target === 'string' ? url : { ...target, url };
}

/** Where CentralHub sees a file of its machine. */
function seenBy({ filesIn = siteDirectory }: CentralHub): (path: string) => string {
  return (path) => `${filesIn}${path.slice(siteDirectory.length)}`;
}
