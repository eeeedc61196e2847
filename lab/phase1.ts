// The state before the week: CentralHub on its machine, every agent with a Phase 1 configuration. What is there is never overwritten.
import { chownSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Agent } from '../plan/schema/agent.ts';
import { type Plan, serviceOf } from '../plan/schema/plan.ts';
import type { CentralHub } from '../plan/tasks/preflight/schema.ts';
import { dockerOf } from './docker.ts';
import type { LabMachine } from './layout.ts';
import { waitUntil } from './process.ts';

const containerPort = 9090;
const nobody = 65534;

/** Writes the configurations of the agents of one machine, those that are missing. */
export function writeAgentConfigs(plan: Plan, machine: LabMachine): void {
  for (const agent of agentsOn(plan, machine)) {
    writeMissing(join(machine.root, agent.config), agentConfigText(plan, agent, machine.root));
    mkdirSync(dirname(join(machine.root, agent.log)), { recursive: true });
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
    ],
    ExposedPorts: { [`${containerPort}/tcp`]: {} },
    HostConfig: {
      Binds: [`${dirname(config)}:/etc/prometheus`, `${data}:/prometheus`],
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
  const hubUrl = `http://${machineOf(machines, hub.machine).address}:${hub.port}`;
  const agents = plan.agents.map((agent) => ({
    agent,
    url: `http://${machineOf(machines, agent.machine).address}:${agent.port}${agent.health}`,
  }));
  let silent: string[] = [];
  const healthy = await waitUntil(
    async () => {
      const answers = await Promise.all(
        agents.map(async ({ agent, url }) => ((await isOk(url)) ? [] : [`${agent.name} (${url})`])),
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
      const up = await upTargets(hubUrl);
      unscraped = plan.agents.map((agent) => `${agent.machine}:${agent.port}`).filter((target) => !up.includes(target));
      return unscraped.length === 0;
    },
    30_000,
    250,
  );
  if (!scraped)
    throw new Error(
      `${hub.name} on ${hub.machine} (${hubUrl}) has not scraped after 30 s: ${unscraped.join(', ')}. Look at ${hubUrl}/targets`,
    );
}

export function agentsOn(plan: Plan, machine: LabMachine): Agent[] {
  return plan.agents.filter((agent) => agent.machine === machine.name);
}

/** An agent's Phase 1 YAML: one hub, and its health posted straight to its peer. */
export function agentConfigText(plan: Plan, agent: Agent, root: string): string {
  const hub = serviceOf(plan, 'central-hub');
  const peer = plan.agents.find(({ name }) => name === agent.peer);
  return `# ${agent.name} on ${agent.machine}. Phase 1: one hub.
agent:
  name: ${agent.name}
  kind: ${agent.kind}
  listen:
    host: 0.0.0.0 # every address of this machine
    port: ${agent.port}

# Where batches go, by Prometheus remote write.
hub_url: http://${hub.machine}:${hub.port}
push_interval: 0.5 # seconds between batches
ack_log: ${acksOf(agent, root)} # one line for each batch that the hub took
${
  peer
    ? `
# Health for the agent on the other machine, straight over HTTP.
peer_health:
  url: http://${peer.machine}:${peer.port}/peer-health
  interval: 2 # seconds
`
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
    static_configs:
      - targets: [localhost:${containerPort}]

  # Every agent, on every machine.
  - job_name: agents
    static_configs:
      - targets:
${plan.agents.map((agent) => `          - ${agent.machine}:${agent.port} # ${agent.name}`).join('\n')}
`;
}

function acksOf(agent: Agent, root: string): string {
  return join(root, agent.acks ?? `${agent.log}.acks.jsonl`);
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

async function isOk(url: string): Promise<boolean> {
  return fetch(url, { signal: AbortSignal.timeout(2_000) }).then(
    (answer) => answer.ok,
    () => false,
  );
}

async function upTargets(hubUrl: string): Promise<string[]> {
  try {
    const answer = await fetch(`${hubUrl}/api/v1/query?query=up`, { signal: AbortSignal.timeout(2_000) });
    const { data } = (await answer.json()) as {
      data: { result: { metric: { instance: string }; value: [number, string] }[] };
    };
    return data.result.filter(({ value }) => value[1] === '1').map(({ metric }) => metric.instance);
  } catch {
    return [];
  }
}
