// Watching at a steady rate: local servers that are up, down, slow or wrong.
import type Docker from 'dockerode';
import { MockActivityEnvironment } from '@temporalio/testing';
import { describe, expect, it, vi } from 'vitest';
import { measureActivities } from '../../../activities/measure/measure.ts';
import type { Observation, ObserveAsk } from '../../../plan/machine-api/measure.ts';
import { serve } from '../local-server.ts';
import { temporaryMachine, type FakeContainer } from '../machine.ts';

vi.setConfig({ testTimeout: 20_000 });

async function activities(containers: FakeContainer[] = []) {
  return measureActivities(await temporaryMachine(containers));
}

const nothing = { urls: {}, programs: [], containers: [], values: {}, tolerate: 1_000 };
const ask = (more: Partial<ObserveAsk>): ObserveAsk => ({
  untilMs: Date.now() + 1_000,
  intervalMs: 100,
  timeoutMs: 5_000,
  ...nothing,
  ...more,
});

describe('observe', () => {
  it('counts ups and downs by target, with the longest time down and the first error', async () => {
    const agents = await activities();
    let asked = 0;
    const { url } = await serve((_request, response) => {
      asked += 1;
      response.writeHead(asked === 2 || asked === 3 || asked === 5 ? 500 : 200).end('{"active":"primary"}');
    });
    const steady = await serve((_request, response) => response.end('{"active":"primary"}'));
    const values = {
      active: { url: steady.url, pointer: '/active', want: 'primary' },
      wrong: { url: steady.url, pointer: '/active', want: 'fallback' },
    };
    const environment = new MockActivityEnvironment();
    environment.on('heartbeat', ({ samples }: Observation) => samples > 5 && environment.cancel());
    const seen = (await environment.run(
      agents.observe,
      ask({ urls: { flaky: url, steady: steady.url }, values, intervalMs: 20, untilMs: Date.now() + 15_000 }),
    )) as Observation;
    expect(seen.samples).toBeGreaterThan(5);
    expect(seen.targets['flaky']).toMatchObject({
      down: 3,
      longestDown: 2,
      up: seen.samples - 3,
      firstError: expect.stringContaining('answered 500'),
      firstDownAt: expect.any(Number),
    });
    expect(seen.targets['steady']).toEqual({ up: seen.samples, down: 0, longestDown: 0 });
    expect(seen.targets['active']).toEqual({ up: seen.samples, down: 0, longestDown: 0 });
    expect(seen.targets['wrong']).toMatchObject({
      up: 0,
      down: seen.samples,
      longestDown: seen.samples,
      firstError: expect.stringContaining('shows primary at /active; fallback is wanted'),
    });
  });

  it('knows nothing of whom it is refused by, or cannot ask: neither up nor down, and no issue', async () => {
    const agents = await activities();
    let status = 200;
    const { url } = await serve((_request, response) => response.writeHead(status).end('{"active":"primary"}'));
    const basicAuth = { username: 'week', passwordEnv: 'HUBSHIFT_TEST_PASSWORD' };
    vi.stubEnv('HUBSHIFT_TEST_PASSWORD', 'hunter2');
    const asked = ask({
      urls: { hub: { url, basicAuth } },
      values: { active: { url: { url, basicAuth }, pointer: '/active', want: 'primary' } },
      intervalMs: 20,
      tolerate: 1,
      untilMs: Date.now() + 15_000,
    });
    const samples = async (many: number) => {
      const environment = new MockActivityEnvironment();
      environment.on('heartbeat', (seen: Observation) => seen.samples >= many && environment.cancel());
      return (await environment.run(agents.observe, asked)) as Observation;
    };
    for (const refuses of [() => (status = 401), () => (status = 403), () => vi.unstubAllEnvs()]) {
      refuses();
      const seen = await samples(4);
      for (const name of ['hub', 'active'])
        expect(seen.targets[name]).toMatchObject({ up: 0, down: 0, unknown: seen.samples, refusedNow: true });
      expect(seen.seen).toEqual([]);
      expect(seen.targets['hub']!.firstUnknown).toMatch(/passwordEnv (HUBSHIFT_TEST_PASSWORD|names HUBSHIFT)/);
    }
    vi.stubEnv('HUBSHIFT_TEST_PASSWORD', 'hunter2');
    status = 200;
    const well = await samples(2);
    expect(well.targets['hub']).toEqual({ up: well.samples, down: 0, longestDown: 0 });
    // One that is unwell is no matter of logins.
    status = 503;
    expect((await samples(2)).targets['hub']).toMatchObject({ up: 0, down: 2 });
  });

  it('goes on with a run of the slice before, and ends early with it; says which run goes on', async () => {
    const agents = await activities();
    const { url } = await serve((_request, response) => response.writeHead(500).end());
    const down = { urls: { hub: url }, intervalMs: 20, untilMs: Date.now() + 15_000, tolerate: 2 };
    const seen = await agents.observe(ask({ ...down, downBefore: { hub: 2 } }));
    expect(seen).toMatchObject({ samples: 1, targets: { hub: { down: 1, longestDown: 3, downNow: 3 } } });
    expect(await agents.observe(ask(down))).toMatchObject({ samples: 3, targets: { hub: { longestDown: 3 } } });
  });

  it('samples at its rate, not faster, and a server that hangs is down at the time-out', async () => {
    const agents = await activities();
    let asked = 0;
    const { url } = await serve(() => void (asked += 1));
    const seen = await agents.observe(ask({ urls: { hanging: url }, timeoutMs: 50, untilMs: Date.now() + 500 }));
    // Some ticks may be missed on a busy machine; more than one an interval is never taken.
    expect(asked).toBe(seen.samples);
    expect(seen.samples).toBeGreaterThanOrEqual(2);
    expect(seen.samples).toBeLessThanOrEqual(5);
    expect(seen.targets['hanging']).toMatchObject({ up: 0, firstError: expect.stringMatching(/time-out|no answer/) });
    expect(seen.longestGapMs).toBeGreaterThanOrEqual(75);
  });

  it('sees containers that run, that do not, and that are not there', async () => {
    const containers = [
      { name: 'edgehub', running: true },
      { name: 'stopped', running: false },
    ];
    const agents = await activities(containers);
    const seen = await agents.observe(ask({ containers: ['edgehub', 'stopped', 'none'], untilMs: Date.now() + 150 }));
    expect(seen.targets['container edgehub']).toMatchObject({ down: 0 });
    expect(seen.targets['container stopped']).toMatchObject({ up: 0 });
    expect(seen.targets['container none']).toMatchObject({
      up: 0,
      firstError: expect.stringContaining('No such container'),
    });
  });

  it('knows nothing of what Docker and supervisord manage while they do not answer, and that is no time that was seen', async () => {
    const answers = await serve((_request, response) => response.end());
    const silent = new Error('connect ECONNREFUSED /var/run/docker.sock');
    const inspect = () => Promise.reject(silent);
    const host = { ...(await temporaryMachine()), docker: { getContainer: () => ({ inspect }) } as unknown as Docker };
    const seen = await measureActivities(host).observe(
      ask({ urls: { agent: answers.url }, programs: ['agent'], containers: ['edgehub'], untilMs: Date.now() + 250 }),
    );
    expect(seen.samples).toBeGreaterThan(0);
    expect(seen.targets['agent']).toEqual({ up: seen.samples, down: 0, longestDown: 0 });
    for (const [name, why] of [
      ['container edgehub', silent.message],
      ['program agent', expect.stringContaining('supervisord')],
    ] as const)
      expect(seen.targets[name]).toEqual({
        up: 0,
        down: 0,
        longestDown: 0,
        unknown: seen.samples,
        firstUnknown: why,
      });
    expect(seen.seen).toEqual([]);
  });

  it('finds a container that was started again since it was last known, and says what it knows', async () => {
    const of = (StartedAt: string) => ({ inspect: async () => ({ State: { Running: true, StartedAt } }) });
    const started = async (at: string, lives?: Record<string, string>) =>
      measureActivities({
        ...(await temporaryMachine()),
        docker: { getContainer: () => of(at) } as unknown as Docker,
      }).observe(ask({ containers: ['edgehub'], untilMs: Date.now() + 150, lives }));
    const { lives, restarted } = await started('Monday');
    expect(restarted).toEqual([]);
    expect((await started('Monday', lives)).restarted).toEqual([]);
    const after = await started('Tuesday', lives);
    expect(after.restarted).toEqual(['container edgehub']);
    expect((await started('Tuesday', after.lives)).restarted).toEqual([]);
  });

  it('cancelled returns what it has, and what was cut off is no sample', async () => {
    const agents = await activities();
    let hang = false;
    const { url } = await serve((_request, response) => {
      if (hang) environment.cancel();
      else response.end();
    });
    const environment = new MockActivityEnvironment();
    environment.once('heartbeat', () => (hang = true));
    const seen = (await environment.run(
      agents.observe,
      ask({ urls: { a: url }, untilMs: Date.now() + 60_000 }),
    )) as Observation;
    expect(seen).toMatchObject({ samples: 1, targets: { a: { up: 1, down: 0 } } });
    expect(seen.toMs).toBeGreaterThan(seen.fromMs);
    expect(seen.seen).toHaveLength(1);
  });

  it('goes on after its worker was killed: counts are kept, and the dead time is a gap', async () => {
    const agents = await activities();
    const { url } = await serve((_request, response) => response.end());
    const first = new MockActivityEnvironment();
    const kept = new Promise<{ fromMs: number; lastMs: number; samples: number }>((resolve) =>
      first.once('heartbeat', resolve),
    );
    const killed = first.run(agents.observe, ask({ urls: { a: url }, untilMs: Date.now() + 60_000 }));
    const details = await kept;
    first.cancel();
    await killed;
    const deadMs = 30_000;
    const heartbeatDetails = { ...details, fromMs: details.fromMs - deadMs, lastMs: details.lastMs - deadMs };
    const seen = (await new MockActivityEnvironment({ heartbeatDetails }).run(
      agents.observe,
      ask({ urls: { a: url }, untilMs: Date.now() + 250 }),
    )) as Observation;
    expect(seen.fromMs).toBe(heartbeatDetails.fromMs);
    expect(seen.longestGapMs).toBeGreaterThanOrEqual(deadMs);
    expect(seen.samples).toBeGreaterThanOrEqual(2);
    expect(seen.targets['a']).toEqual({ up: seen.samples, down: 0, longestDown: 0 });
  });

  it('without a single sample reports the whole time as a gap', async () => {
    const agents = await activities();
    const environment = new MockActivityEnvironment();
    environment.cancel();
    const seen = (await environment.run(agents.observe, ask({ urls: { a: 'http://127.0.0.1:9' } }))) as Observation;
    expect(seen).toMatchObject({ samples: 0, targets: {}, restarted: [] });
  });
});
