// What a machine is: its worker, rights, names, ports, and how it and others answer.
import { hostname, networkInterfaces } from 'node:os';
import { Context } from '@temporalio/activity';
import type { HostActivities } from '../../plan/machine-api/host.ts';
import type { Host } from '../context/host.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { resolveNames } from './resolve-names.ts';
import { portHolders, probeTcp } from './ports.ts';
import { awaitReady, probe } from '../http/probe.ts';
import { checkRights } from './rights.ts';

/** `build` is the digest of the build that this worker runs. */
export function hostActivities(host: Host, ledger: Ledger, build: string): HostActivities {
  return {
    async describeMachine() {
      // The server's clock when it scheduled this attempt: the way here makes the offset larger, never smaller.
      const scheduled = Context.current().info.currentAttemptScheduledTimestampMs;
      return {
        machine: host.machine,
        hostname: hostname(),
        build,
        node: process.version,
        uid: process.getuid?.() ?? -1,
        clockOffsetMs: Date.now() - scheduled,
        planned: host.plannedAs,
        addresses: ownAddresses(),
      };
    },
    checkRights: (ask) => checkRights(host, ledger, ask),
    resolveNames: (ask) => resolveNames(host, ask),
    portHolders: ({ ports, addresses }) => portHolders(host, ports, addresses),
    probe: ({ url, timeoutMs }) => probe(host.reach(url), timeoutMs),
    awaitReady: ({ url, withinMs }) => awaitReady(host.reach(url), withinMs),
    probeTcp: ({ targets, timeoutMs }) => probeTcp(targets, timeoutMs),
  };
}

/** Those by which others may reach it. */
function ownAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.flatMap(({ internal, address }) => (internal || address.startsWith('fe80') ? [] : [address]));
}
