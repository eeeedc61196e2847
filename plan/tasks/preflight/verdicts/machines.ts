// Whether the workers of all machines are of one build and of one plan, each where the plan has it, their clocks alike.
import { spelt } from '../../../addresses.ts';
import type { MachineFacts } from '../../../machine-api/host.ts';
import type { Machine } from '../../../schema/plan.ts';
import type { Evaluation } from '../../../week/record.ts';
import { inconclusive, unless } from '../../shared/verdict.ts';

const plannedKeys = ['address', 'root', 'docker', 'supervisor', 'state'] as const;

/**
 * One build everywhere and clocks within the limit of each other (each offset is against the same Temporal server). `wanted`, where it is
 * asked: what the run's plan says of the machines, and the build of the control worker.
 */
export function machinesAgree(limitMs: number, wanted?: { machines: Machine[]; control: string }) {
  return (facts: MachineFacts[]): Evaluation => {
    if (facts.length === 0) return inconclusive('no machine answered');
    const offsets = facts.map((fact) => fact.clockOffsetMs);
    const skewMs = Math.round(Math.max(...offsets) - Math.min(...offsets));
    const builds = [...new Set(facts.map((fact) => fact.build))];
    const said = [
      ...(wanted ? [{ machine: 'the control worker', build: wanted.control }] : []),
      ...facts.map(({ machine, build }) => ({ machine, build })),
    ];
    const differing = (wanted?.machines ?? []).flatMap((machine) => {
      const own = facts.find((fact) => fact.machine.toLowerCase() === machine.name.toLowerCase())?.planned;
      return plannedKeys.flatMap((key) =>
        own && own[key] !== machine[key]
          ? [
              `the worker of ${machine.name} has ${key} ${own[key]}; the plan of this run says ${machine[key]}: give it this plan, and restart it`,
            ]
          : [],
      );
    });
    const elsewhere = (wanted?.machines ?? []).flatMap((machine, _, all) => {
      const own = facts.find((fact) => fact.machine.toLowerCase() === machine.name.toLowerCase())?.addresses ?? [];
      const isIts = ({ address }: Machine) => own.map(spelt).includes(spelt(address));
      // Behind a translation it has an address that is nobody's.
      const there = isIts(machine) ? undefined : all.find(isIts);
      return there
        ? [
            `the worker of ${machine.name} runs on ${there.name}, which has ${there.address}: start it on ${machine.name}`,
          ]
        : [];
    });
    const unheard = (wanted?.machines ?? []).flatMap(({ name, address, listen }) => {
      const own = facts.find((fact) => fact.machine.toLowerCase() === name.toLowerCase())?.addresses ?? [];
      const isIn = (addresses: string[]) => addresses.map(spelt).includes(spelt(address));
      return Array.isArray(listen) && isIn(own) && !isIn(listen)
        ? [`${name} does not listen at ${address}, where the others reach it: add it to its "listen"`]
        : [];
    });
    return unless(
      [
        ...elsewhere,
        ...unheard,
        skewMs > limitMs && `clocks differ by ${skewMs} ms; at most ${limitMs} ms`,
        new Set(said.map(({ build }) => build)).size > 1 &&
          `workers run different builds (${said.map(({ machine, build }) => `${machine}: ${build.slice(0, 12)}`).join(', ')}); install one build everywhere: they may differ only while hubshift upgrade moves a running week`,
        ...differing,
      ],
      `${facts.length} workers of one build, clocks within ${skewMs} ms`,
      { machines: facts.map((fact) => fact.machine), build: builds[0]?.slice(0, 12) ?? '', skewMs },
    );
  };
}
