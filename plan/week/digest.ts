// What identifies data: a digest of its content, however it came about. Pure.
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { programOf } from '../schema/agent.ts';
import type { Plan } from '../schema/plan.ts';

/** sha256 in hex of plain JSON, whatever the order of its keys. */
export function digestOf(value: unknown): string {
  return bytesToHex(sha256(utf8ToBytes(JSON.stringify(ordered(value)))));
}

/** What a plan changes on its machines, wherever these are: equal for a plan and its copy in a lab, with other addresses and directories. */
export function footprintOf({ machines, services, agents, messaging }: Plan): string {
  const { tls, users, account, encryption, secretsFile } = messaging;
  return digestOf({
    machines: machines.map(({ name }) => name),
    services,
    agents: agents.map((agent) => {
      const { name, machine, config, wave } = agent;
      return { name, machine, program: programOf(agent), config, wave };
    }),
    streams: messaging.streams,
    // Of a plan that secures nothing of it there is none, and no trace in the digest.
    tls,
    users,
    account,
    encryption,
    secretsFile,
  });
}

function ordered(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(ordered);
  if (part === null || typeof part !== 'object') return part;
  const known = Object.entries(part).filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(known.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, inner]) => [key, ordered(inner)]));
}
