// The life of a worker process: while Temporal can't be reached, and what it shows when it can.
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, it, onTestFinished } from 'vitest';
import { timeSkipping } from '../workflows/time.ts';

const worker = join(import.meta.dirname, 'serve.ts');

/** An address where nothing listens. */
async function nowhere(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `127.0.0.1:${port}`;
}

it.each(['SIGTERM', 'SIGINT'] as const)(
  'tries again and again, saying so, and ends on %s',
  async (signal) => {
    const address = await nowhere();
    const running = execa(process.execPath, ['--import', 'tsx', worker], {
      env: { TEMPORAL_ADDRESS: address, TEMPORAL_API_KEY: '', NODE_NO_WARNINGS: '1' },
      timeout: 50_000,
      reject: false,
    });
    let tries = 0;
    for await (const line of running.iterable({ from: 'stderr' })) {
      if (line.includes('no connection to Temporal')) tries += 1;
      if (tries === 2) {
        tries += 1;
        running.kill(signal);
      }
    }
    const { exitCode, stderr } = await running;
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(
      new RegExp(
        `^\\S+Z WARN worker of PC2 has no connection to Temporal, next try in 500 ms temporal=${address} error=`,
        'm',
      ),
    );
    expect(stderr).toMatch(new RegExp(`INFO worker of PC2 ends signal=${signal}$`));
  },
  60_000,
);

it('shows the metrics of the SDK about its queue, and nothing of the control worker', async () => {
  const env = await timeSkipping();
  onTestFinished(() => env.teardown());
  const metrics = await nowhere();
  const running = execa(process.execPath, ['--import', 'tsx', worker], {
    env: {
      TEMPORAL_ADDRESS: env.address,
      TEMPORAL_API_KEY: undefined,
      HUBSHIFT_METRICS_ADDRESS: metrics,
      NODE_NO_WARNINGS: '1',
    },
    timeout: 50_000,
    reject: false,
  });
  const page = () =>
    fetch(`http://${metrics}/metrics`).then(
      (answer) => answer.text(),
      (error: Error) => error.message,
    );
  await expect.poll(page, { timeout: 30_000 }).toMatch(/^temporal_\w+\{.*task_queue="hubshift\.test".*\} /m);
  expect(await page()).not.toContain('hubshift_control_worker');
  running.kill('SIGTERM');
  expect((await running).exitCode).toBe(0);
}, 60_000);

it('begins anew when Temporal went away, since it may come back older', async () => {
  const env = await timeSkipping();
  onTestFinished(() => env.teardown());
  const address = await nowhere();
  const [host = '', port = ''] = env.address.split(':');
  const sockets: Socket[] = [];
  let connections = 0;
  let askedAgain = false;
  const way = createServer((near) => {
    const far = connect(Number(port), host);
    for (const socket of [near, far]) sockets.push(socket.on('error', () => undefined));
    near.pipe(far).pipe(near);
    // The first is the worker's own. Who looks whether Temporal is there asks again only when it was answered.
    if (++connections !== 2) return;
    const began = performance.now();
    near.on('data', () => (askedAgain ||= performance.now() - began > 400));
  });
  const open = () => way.listen(Number(address.split(':')[1]), '127.0.0.1');
  const close = () => {
    way.close();
    for (const socket of sockets.splice(0)) socket.destroy();
  };
  open();
  onTestFinished(close);
  const running = execa(process.execPath, ['--import', 'tsx', worker], {
    env: { TEMPORAL_ADDRESS: address, TEMPORAL_API_KEY: undefined, NODE_NO_WARNINGS: '1' },
    timeout: 50_000,
    reject: false,
  });
  const seen: string[] = [];
  for await (const line of running.iterable({ from: 'stderr' })) {
    const said = line.match(/is ready|went away/)?.[0];
    if (said) seen.push(said);
    if (said === 'went away') open();
    if (said === 'is ready' && seen.length === 1)
      void expect
        .poll(() => askedAgain, { timeout: 20_000 })
        .toBe(true)
        .finally(close);
    else if (said === 'is ready') running.kill('SIGTERM');
  }
  expect(seen).toEqual(['is ready', 'went away', 'is ready']);
  expect((await running).exitCode).toBe(0);
}, 60_000);
