// A whole agent and two hubs on loopback, new for each test of the file that imports this.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, vi } from 'vitest';
import type { Ack } from '../../../lab/agent/acks.ts';
import { startAgent } from '../../../lab/agent/agent.ts';
import { parseConfig } from '../../../lab/agent/config.ts';
import type { Health } from '../../../lab/agent/health.ts';
import { createLog } from '../../../lab/agent/log.ts';
import { startFakeHub, type FakeHub } from './fake-hub.ts';

let directory: string;
export let primary: FakeHub;
export let fallback: FakeHub;
/** Of the agent that was started last. */
export let url: string;
/** What the agents log. */
export let lines: string[];
/** Stop the agents, the last one first. */
let cleanUp: (() => Promise<void>)[];

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'agent-'));
  [primary, fallback] = await Promise.all([startFakeHub(), startFakeHub()]);
  lines = [];
  cleanUp = [];
});
afterEach(async () => {
  for (const stop of cleanUp) await stop();
  await Promise.all([primary.down(), fallback.down()]);
  rmSync(directory, { recursive: true });
});

export const dualHub = () => `hub_endpoints: {primary: ${primary.url}, fallback: ${fallback.url}}
failover_config: {health_check_interval: 0.1, max_retries: 3, failover_threshold: 3, recovery_timeout: 0.3, probe_interval: 0.1, probe_timeout: 1, batch_timeout: 1}
`;

export async function start(extra: string, kind = 'bystander', port = 0, guard = ''): Promise<void> {
  const text = `agent: {name: tried, kind: ${kind}, listen: {host: 127.0.0.1, port: ${port}${guard}}}
hub_url: ${fallback.url}
push_interval: 0.05
ack_log: ${directory}/acks.jsonl
${extra}`;
  const agent = await startAgent(
    parseConfig(text, 'tried.yaml', {}),
    createLog((line) => lines.push(line)),
  );
  cleanUp.unshift(agent.stop);
  url = `http://127.0.0.1:${agent.port}`;
}

/** Ends the agent that was started last. */
export async function stop(): Promise<void> {
  await cleanUp.shift()!();
}

export async function health(at = url): Promise<Health> {
  return (await fetch(`${at}/health`)).json() as Promise<Health>;
}

export function acks(): Ack[] {
  return readFileSync(join(directory, 'acks.jsonl'), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Ack);
}

export async function until(condition: () => unknown): Promise<void> {
  await vi.waitFor(async () => expect(await condition()).toBeTruthy(), { timeout: 15_000, interval: 20 });
}

export async function activeIs(role: string): Promise<void> {
  await until(async () => (await health()).hubs.active === role);
}

export async function moreAcksAt(role: string): Promise<void> {
  const before = acks().filter(({ hub }) => hub === role).length;
  await until(() => acks().filter(({ hub }) => hub === role).length > before + 3);
}
