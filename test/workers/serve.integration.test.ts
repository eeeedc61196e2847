// The life of a worker process: while Temporal can't be reached, and what it shows when it can.
import { createServer, type AddressInfo } from 'node:net';
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
