// One container under a fault, behind Docker's API on a real socket.
import Docker from 'dockerode';
import { readFileSync, readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Host } from '../../../activities/context/host.ts';
import type { ProcessId } from '../../../activities/host/process.ts';
import type { Fault } from '../../../plan/week/undo.ts';
import { temporaryMachine } from '../machine.ts';

export const change = { run: 'week-1', step: '2D.failover.stop' };
export const stop: Fault = { kind: 'container-stop', container: 'edgehub', stopGraceMs: 1_000 };

export const faults: [Fault, did: string, undid: string][] = [
  [stop, 'stop', 'start'],
  [{ kind: 'container-kill', container: 'edgehub' }, 'kill', 'start'],
  [{ kind: 'container-pause', container: 'edgehub' }, 'pause', 'unpause'],
];

/** What was asked of the container, and a wait for it to run again. */
interface OneContainer {
  host: Host;
  asked: string[];
  socketPath: string;
  running(): boolean;
  started: Promise<number>;
}

/** It is of this run. */
export async function oneContainer(run = change.run): Promise<OneContainer> {
  const machine = await temporaryMachine();
  const socketPath = join(machine.state, '..', 'docker.sock');
  const asked: string[] = [];
  let [running, paused, removed] = [true, false, false];
  let startedAt: (at: number) => void;
  const started = new Promise<number>((resolve) => (startedAt = resolve));
  const server = createServer(({ method, url = '' }, answer) => {
    const action = url.split('?')[0]?.split('/').at(-1) ?? '';
    if (method === 'DELETE') removed = true;
    if (removed && method === 'GET') return void answer.writeHead(404).end();
    if (action === 'json') {
      answer.setHeader('content-type', 'application/json').end(
        JSON.stringify({
          Name: '/edgehub',
          State: { Running: running, Paused: paused },
          Config: { Labels: { 'io.hubshift.run': run } },
        }),
      );
      return;
    }
    asked.push(action);
    [running, paused] = [!['stop', 'kill'].includes(action), action === 'pause'];
    if (running && !paused) startedAt(performance.now());
    answer.writeHead(204).end();
  });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  onTestFinished(() => void server.close());
  return {
    host: { ...machine, docker: new Docker({ socketPath }) },
    asked,
    socketPath,
    running: () => running && !paused,
    started,
  };
}

export function lifterOf(host: Host): ProcessId {
  const directory = join(host.state, 'faults');
  const [file = ''] = readdirSync(directory);
  return (JSON.parse(readFileSync(join(directory, file), 'utf8')) as { lifter: ProcessId }).lifter;
}
