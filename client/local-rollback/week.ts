// The order of level 3 to the week, given up soon: in an emergency nobody waits for a server.
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { workflowId } from '../../plan/names.ts';
import type { Glance } from '../../plan/week/snapshot.ts';
import * as messages from '../../workflows/orders/messages.ts';
import { reason } from '../week/connect.ts';

/** How long the week may take to accept the order, and this machine's worker to begin. */
export const acceptMs = 2_000;

/** null when the week has accepted level 3; else why not. A refusal is known at once. */
export async function orderWeek(
  plan: string,
  run: string,
  ask: Omit<messages.EmergencyAsk, 'level'>,
): Promise<string | null> {
  const over = new AbortController();
  const late = delay(acceptMs, `no answer within ${acceptMs / 1000} s`, { signal: over.signal });
  try {
    return await Promise.race([late, ordered(plan, run, ask)]);
  } catch (error) {
    return reason(error);
  } finally {
    over.abort();
    late.catch(() => undefined);
  }
}

async function ordered(plan: string, run: string, ask: Omit<messages.EmergencyAsk, 'level'>): Promise<string | null> {
  const { connectionOptions, namespace } = loadClientConnectConfig();
  await listens(connectionOptions.address ?? 'localhost:7233');
  const connection = await Connection.connect({ ...connectionOptions, connectTimeout: acceptMs });
  try {
    const handle = new Client({ connection, namespace }).workflow.getHandle(workflowId(plan));
    const { memo } = await handle.describe();
    const running = (memo?.glance as Glance | undefined)?.run;
    if (running !== run) return `the week that Temporal knows is run ${running}`;
    await connection.withDeadline(Date.now() + acceptMs, () =>
      handle.startUpdate(messages.emergency, { args: [{ level: 3, ...ask }], waitForStage: 'ACCEPTED' }),
    );
    return null;
  } finally {
    await connection.close();
  }
}

/** Throws at once when nobody listens there: gRPC would go on trying. */
async function listens(address: string): Promise<void> {
  const colon = address.lastIndexOf(':');
  const socket = connect({ host: address.slice(0, colon), port: Number(address.slice(colon + 1)), timeout: acceptMs });
  try {
    await once(socket, 'connect');
  } finally {
    socket.destroy();
  }
}
