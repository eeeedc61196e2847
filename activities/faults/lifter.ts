// Starts or unpauses a container after a time: lifter DOCKER-SOCKET CONTAINER start|unpause MILLISECONDS. Depends on nothing but Docker's socket.
import { request } from 'node:http';
import { setTimeout } from 'node:timers/promises';

const [socketPath = '', container = '', action = '', limitMs = ''] = process.argv.slice(2);
const attempts = 60;

/** Docker's answer: 204 done, 304 runs already, 404 gone; anything else may pass. */
function lift(): Promise<number> {
  return new Promise((resolve) => {
    const asked = request(
      { socketPath, path: `/containers/${encodeURIComponent(container)}/${action}`, method: 'POST', timeout: 10_000 },
      (answer) => resolve(answer.resume().statusCode ?? 0),
    );
    asked.once('timeout', () => asked.destroy(new Error('no answer'))).once('error', () => resolve(0));
    asked.end();
  });
}

// The limit counts from when we were started, not from when Node was ready.
await setTimeout(Math.max(0, Number(limitMs) - process.uptime() * 1_000));
for (let attempt = 0; attempt < attempts && ![204, 304, 404].includes(await lift()); attempt += 1)
  await setTimeout(1_000);
process.exit(0);
