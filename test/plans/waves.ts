// A plan much larger than the week's own: four machines and 300 agents that move in three waves.
import { readFileSync } from 'node:fs';
import { parse, stringify } from 'yaml';
import type { Plan } from '../../plan/schema/plan.ts';
import { readPlan } from '../../plan/schema/read.ts';

const machines = ['MainPC', 'PC2', 'PC3', 'PC4'];
/** EdgeHub scrapes the agents of its own machine, and pilots must be seen there. */
const edgeMachine = 'PC2';

/** The text of the plan, from the parts of week1.yaml: `agents` pilots in waves of `wave`, and a bystander on each machine. */
export function wavesText(agents = 300, wave = 100): string {
  const plan = parse(readFileSync(new URL('../../plan/week1.yaml', import.meta.url), 'utf8')) as Record<string, any>;
  const gateway = plan['services'].find((service: any) => service.name === 'pushgateway-pc2');
  const kinds = plan['agents'].filter((agent: any) => agent.wave !== undefined);
  const bystander = plan['agents'].find((agent: any) => agent.name === 'pc2_sentinel');
  const named = (agent: any, name: string, machine: string, port: number) => ({
    ...agent,
    name,
    machine,
    port,
    program: name,
    config: `/code/config/${name}.yaml`,
    log: `/code/logs/${name}.log`,
    acks: `/code/logs/${name}.acks.jsonl`,
    peer: `sentinel-${machines[(machines.indexOf(machine) + 1) % machines.length]}`,
  });
  return stringify(
    {
      ...plan,
      name: 'waves',
      pace: 'at-once',
      gate: { ...plan['gate'], approvals: 1 },
      machines: machines.map((name, index) => ({ name, address: `10.77.0.${index + 1}` })),
      services: [
        ...plan['services'],
        ...['PC3', 'PC4'].map((machine) => ({
          ...gateway,
          name: `pushgateway-${machine.toLowerCase()}`,
          machine,
          scrapedBy: ['centralhub'],
          test: { ...gateway.test, metric: `test_metric_${machine.toLowerCase()}`, instance: machine.toLowerCase() },
        })),
      ],
      messaging: {
        ...plan['messaging'],
        streams: plan['messaging'].streams.map((stream: any) =>
          stream.name === 'observability-metrics'
            ? { ...stream, publishes: machines.map((machine) => `observability.metrics.${machine.toLowerCase()}`) }
            : stream,
        ),
      },
      agents: [
        ...machines.map((machine) => ({ ...named(bystander, `sentinel-${machine}`, machine, 8100), wave: undefined })),
        ...Array.from({ length: agents }, (_, index) => ({
          ...named(kinds[index % kinds.length], `agent-${index}`, edgeMachine, 9500 + index),
          wave: 1 + Math.floor(index / wave),
        })),
      ],
    },
    { aliasDuplicateObjects: false },
  );
}

export function wavesPlan(agents?: number, wave?: number): Plan {
  return readPlan(wavesText(agents, wave), 'waves.yaml');
}
