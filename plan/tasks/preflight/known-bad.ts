// Samples that the preflight's verdicts must not pass.
import * as baseline from './verdicts/baseline.ts';
import * as contract from './verdicts/contract.ts';
import * as images from './verdicts/images.ts';
import * as limits from './verdicts/limits.ts';
import * as machines from './verdicts/machines.ts';
import * as names from './verdicts/names.ts';
import * as rights from './verdicts/rights.ts';
import * as topology from './verdicts/topology.ts';
import * as wayBack from './verdicts/way-back.ts';
import type { Impact } from '../../machine-api/measure.ts';
import type { MachineFacts } from '../../machine-api/host.ts';
import type { Plan } from '../../schema/plan.ts';
import type { Rejections } from '../shared/rejections.ts';
import { probe } from '../shared/samples.ts';

export function knownBad(
  plan: Plan,
): Rejections<
  typeof baseline &
    typeof contract &
    typeof images &
    typeof limits &
    typeof machines &
    typeof names &
    typeof rights &
    typeof topology &
    typeof wayBack
> {
  const facts = (name: string, clockOffsetMs: number): MachineFacts => ({
    machine: name,
    hostname: name,
    build: 'one',
    node: '',
    uid: 0,
    clockOffsetMs,
  });
  const failing: Impact = {
    at: 0,
    durationMs: 1,
    responseMs: { hub: { samples: 1, failed: 1, p50: 0, p95: 0, p99: 0 } },
    containers: {},
    programs: {},
    machine: { cpuPercent: 0, memoryPercent: 0, memoryBytes: 0, cores: 1, receivedBytesPerS: 0, sentBytesPerS: 0 },
  };
  return {
    machinesAgree: machines.machinesAgree(plan.limits.clockSkew)([
      facts('one', 0),
      facts('other', plan.limits.clockSkew + 1),
    ]),
    topologyIsKnown: topology.topologyIsKnown(
      plan,
      [],
    )({ receiver: { ...probe, status: 404 }, outOfOrderWindow: null }),
    wayBackIsReady: wayBack.wayBackIsReady({ found: [{ machine: 'one', rights: [] }], levelThree: { none: 'none' } }),
    imagesAreHere: images.imagesAreHere([{ machine: 'one', image: 'image', is: null }]),
    rightsAreThere: rights.rightsAreThere([
      { machine: 'one', rights: [{ what: 'Docker', ok: false, detail: 'denied' }] },
    ]),
    limitsFit: limits.limitsFit([{ machine: 'one', cpus: 2, memoryBytes: 0, stores: [] }])([
      { machine: 'one', has: { cpus: 1, memoryBytes: 1, limitsCpus: true, limitsMemory: true, free: [] } },
    ]),
    namesResolve: names.namesResolve(plan.machines)([{ machine: 'one', names: [] }]),
    baselineIsWhole: baseline.baselineIsWhole({ one: failing }),
    contractIsKnown: contract.contractIsKnown(plan)([
      {
        agent: 'agent',
        pilot: true,
        health: false,
        log: false,
        activeHub: false,
        acks: false,
        nats: false,
        check: false,
      },
    ]),
  };
}
