// Temporal goes away only where it has been: otherwise a worker that this connection can't reach would be renewed without end.
import { createServer, type AddressInfo } from 'node:net';
import { Connection } from '@temporalio/client';
import { afterEach, expect, it, onTestFinished, vi } from 'vitest';
import { untilLost } from '../../workers/lost.ts';

const refused = Object.assign(new Error(), { code: 14, details: 'no connection', metadata: {} });
const slow = Object.assign(new Error(), { code: 4, details: 'no answer in time', metadata: {} });

/** Answers one after the other, the last again and again. */
function answering(...answers: (Error | object)[]) {
  let asked = 0;
  const getSystemInfo = async () => {
    const answer = answers[Math.min(asked, answers.length - 1)];
    asked += 1;
    if (answer instanceof Error) throw answer;
    return answer;
  };
  vi.spyOn(Connection, 'lazy').mockReturnValue({
    withDeadline: (_: number, work: () => unknown) => work(),
    workflowService: { getSystemInfo },
    close: async () => undefined,
  } as unknown as Connection);
  return () => asked;
}

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

it('is lost when nobody answers after an answer; one that is slow is there', async () => {
  const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const asked = answering(refused, {}, slow, refused, {});
  await untilLost(new AbortController().signal);
  expect(asked()).toBe(4);
  expect(said.mock.calls.join('')).toMatch(/WARN Temporal went away: .* error="no connection"/);
});

it('is not lost while it was never there', async () => {
  const asked = answering(refused);
  const ended = new AbortController();
  let over = false;
  const lost = untilLost(ended.signal).then(() => (over = true));
  await expect.poll(asked, { timeout: 5_000 }).toBe(3);
  expect(over).toBe(false);
  ended.abort();
  await lost;
});

it('is looked for straight where it is, whatever proxy there is for notices', async () => {
  const reached: string[] = [];
  const listening = async (name: string) => {
    const server = createServer((socket) => void (reached.push(name), socket.destroy()));
    onTestFinished(() => void server.close());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  vi.stubEnv('TEMPORAL_ADDRESS', await listening('Temporal'));
  vi.stubEnv('https_proxy', `http://${await listening('the proxy')}`);
  vi.stubEnv('no_proxy', '');
  const ended = new AbortController();
  const lost = untilLost(ended.signal);
  await expect.poll(() => reached.length, { timeout: 5_000 }).toBeGreaterThan(0);
  ended.abort();
  await lost;
  expect(reached).not.toContain('the proxy');
});
