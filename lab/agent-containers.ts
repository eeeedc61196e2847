// The lab's agents that are containers: made once, on the machine's own network, with their files mounted from its root.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Plan } from '../plan/schema/plan.ts';
import { dockerOf } from './docker.ts';
import type { LabImage } from './images.ts';
import { type LabMachine, siteDirectory } from './layout.ts';
import { acksOf, agentsOn } from './phase1.ts';
import { projectDirectory } from './state.ts';
import { agentCommand } from './supervisor.ts';

/** Node and nothing else: the agent's code is mounted. */
const image: LabImage = { tag: 'hubshift-lab/agent:latest', kind: 'node' };

/** What is stopped and started by a week has it. */
const pilotLabel = 'hubshift-lab.pilot';

/** No registry has it, so it comes last, behind those that one may give. */
export function agentImagesOf({ agents }: Plan): LabImage[] {
  return agents.some(({ runs }) => runs === 'docker') ? [image] : [];
}

/** Makes the containers that are missing, and starts those that are stopped. */
export async function agentContainersUp(plan: Plan, machine: LabMachine, machines: LabMachine[]): Promise<void> {
  const docker = dockerOf(machine);
  for (const agent of agentsOn(plan, machine)) {
    const { container: name } = agent;
    if (name === undefined) continue;
    const found = await docker
      .getContainer(name)
      .inspect()
      .catch(() => undefined);
    if (found?.State.Running) continue;
    const config = join(machine.root, agent.config);
    const seen = '/etc/agent';
    const acks = dirname(acksOf(agent, machine.root));
    const [, ...command] = agentCommand(`${seen}/${config.slice(dirname(config).length + 1)}`);
    const container = found
      ? docker.getContainer(name)
      : await docker.createContainer({
          name,
          Image: image.tag,
          Cmd: command,
          Labels: agent.wave === undefined ? {} : { [pilotLabel]: 'true' },
          HostConfig: {
            NetworkMode: 'host',
            Binds: [
              `${dirname(config)}:${seen}`,
              `${acks}:${acks}`,
              ...(existsSync(machine.site) ? [`${machine.site}:${siteDirectory}:ro`] : []),
              `${join(projectDirectory, 'dist')}:${join(projectDirectory, 'dist')}:ro`,
              `${join(projectDirectory, 'node_modules')}:${join(projectDirectory, 'node_modules')}:ro`,
            ],
            RestartPolicy: { Name: 'unless-stopped' },
            ExtraHosts: machines.map((one) => `${one.name}:${one.address}`),
          },
        });
    await container.start();
  }
}
