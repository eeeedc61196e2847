// The lock's directory for tests, and a holder in it that is gone.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { processId } from '../../../activities/host/process.ts';
import { temporaryMachine } from '../machine.ts';

export async function paths(): Promise<{ lock: string; file: string }> {
  const { state } = await temporaryMachine();
  mkdirSync(join(state, 'lock'), { recursive: true });
  return { lock: join(state, 'lock'), file: join(state, 'counter') };
}

export const ended = (lock: string, pid: number, startTicks: string): void =>
  writeFileSync(
    join(lock, '7'),
    JSON.stringify({ ...processId(process.pid), pid, startTicks, what: 'a deployment', since: 0 }),
  );
