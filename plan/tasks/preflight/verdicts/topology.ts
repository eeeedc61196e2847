// What the messaging topology can survive, and whether CentralHub takes what is sent to it.
import type { Probe } from '../../../machine-api/host.ts';
import type { Plan } from '../../../schema/plan.ts';
import type { Evaluation } from '../../../week/record.ts';
import { survives } from '../../messaging/survival.ts';
import { unless, warned } from '../../shared/verdict.ts';

/** What was measured of both topologies in the lab: how long writes stalled. */
const measuredStalls =
  'measured without writes: a pair 8 to 13 s when a server is stopped for 6 s; with an arbiter 18 ms when a server is stopped, 5.8 s when the leader is killed';

/**
 * Says what the topology can't survive; refuses one that a single machine can take down although it claims otherwise. With `streams` it
 * survives no more than each of them.
 */
export function topologyIsKnown(
  plan: Pick<Plan, 'messaging'>,
  voters: { name: string; machine: string }[],
  streams: { name: string; replicas: number }[] = [],
) {
  return (central: {
    receiver: Probe;
    outOfOrderWindow: string | null;
    /** That it is too old, or states no version. */
    old?: string | undefined;
    untold?: string | undefined;
  }): Evaluation => {
    const majority = Math.floor(voters.length / 2) + 1;
    const { topology } = plan.messaging;
    const ofVoters = voters.length - majority;
    const weak = streams.filter(({ replicas }) => survives(voters.length, [replicas]) === 0);
    const survivable =
      streams.length > 0
        ? survives(
            voters.length,
            streams.map(({ replicas }) => replicas),
          )
        : ofVoters;
    const most = Math.max(
      0,
      ...voters.map((voter) => voters.filter((other) => other.machine === voter.machine).length),
    );
    const quorum = `${voters.length} JetStream voters, quorum ${majority}`;
    const said =
      survivable === 0
        ? `${quorum}: losing any one stops JetStream writes until it is back`
        : `${quorum}: survives the loss of ${survivable}`;
    const evaluated = unless(
      [
        topology === 'arbiter' &&
          most > (weak.length > 0 ? ofVoters : survivable) &&
          `${most} of ${voters.length} voters share a machine, so the arbiter protects nothing`,
        topology === 'arbiter' &&
          weak.length > 0 &&
          `${weak.map(({ name, replicas }) => `${name} has ${replicas} replicas`).join(', ')}, so that losing one server may stop its writes: an arbiter wants three or more`,
        central.old,
        !central.receiver.ok &&
          (refusesLogins.has(central.receiver.status ?? 0)
            ? `CentralHub ${central.receiver.error}`
            : `CentralHub does not take remote writes (${central.receiver.status ?? central.receiver.error}); start it with --web.enable-remote-write-receiver`),
      ],
      [
        `${said}${streams.length > 0 ? ` (${measuredStalls})` : ''}`,
        `CentralHub takes late samples of ${central.outOfOrderWindow ?? 'no time at all'}`,
      ].join('; '),
      { voters: voters.length, quorum: majority, survives: survivable, outOfOrderWindow: central.outOfOrderWindow },
    );
    return warned(evaluated, evaluated.verdict === 'pass' && central.untold ? [central.untold] : []);
  };
}

const refusesLogins = new Set([401, 403]);
