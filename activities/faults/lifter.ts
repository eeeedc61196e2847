// Starts or unpauses a container after a time: lifter DOCKER-SOCKET CONTAINER start|unpause MILLISECONDS. Depends on nothing but Docker's socket.
// Says "ready" once Docker has answered it: only then may anything be disturbed that it is to lift.
import { request } from 'node:http';
import { setTimeout } from 'node:timers/promises';

const [socketPath = '', container = '', action = '', limitMs = ''] = process.argv.slice(2);
const attempts = 60;

function ask(method: 'GET' | 'POST', what: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request(
      { socketPath, path: `/containers/${encodeURIComponent(container)}/${what}`, method, timeout: 10_000 },
      (answer) => resolve(answer.resume().statusCode ?? 0),
    );
    asked.once('timeout', () => asked.destroy(new Error('no answer within 10 s'))).once('error', reject);
    asked.end();
  });
}

/** Docker's answer: 204 done, 304 runs already, 404 gone; anything else may pass. */
const lift = (): Promise<number> => ask('POST', action).catch(() => 0);

const seen = await ask('GET', 'json');
if (seen !== 200) throw new Error(`Docker answered ${seen} for the container ${container}`);
process.stdout.write('ready\n');
// The limit counts from here: what takes long to be ready must not lift before there is anything to lift, and end.
await setTimeout(Number(limitMs));
for (let attempt = 0; attempt < attempts && ![204, 304, 404].includes(await lift()); attempt += 1)
  await setTimeout(1_000);
process.exit(0);
