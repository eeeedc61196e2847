// Where an agent's batches go when hubs fail, and that no acknowledged one is lost or given twice.
import { describe, expect, it } from 'vitest';
import {
  activeIs,
  acks,
  dualHub,
  fallback,
  health,
  lines,
  moreAcksAt,
  primary,
  start,
  stop,
  until,
} from './running-agent.ts';

/** Stops the agent, then judges the log against what the hubs have: all unique, in order, none missing. */
async function expectNothingLost(): Promise<void> {
  await stop();
  const log = acks();
  expect(log.map(({ seq }) => seq)).toEqual(log.map((_, index) => log[0]!.seq + index));
  for (const [role, hub] of [
    ['primary', primary],
    ['fallback', fallback],
  ] as const) {
    const stored = new Set(hub.received.map(({ seq }) => seq));
    expect(log.filter((ack) => ack.hub === role && !stored.has(ack.seq))).toEqual([]);
    const seqs = hub.received.map(({ seq }) => seq);
    expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b));
    const times = hub.received.map(({ timestamp }) => timestamp);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  }
}

describe('with two hubs', () => {
  it.each([
    { fault: 'refuses', cause: () => primary.down(), mend: () => primary.up() },
    { fault: 'hangs', cause: async () => primary.mode('hang'), mend: async () => primary.mode(204) },
    { fault: 'answers 503', cause: async () => primary.mode(503), mend: async () => primary.mode(204) },
  ])(
    'gives a batch to the fallback at once when the primary $fault, and loses nothing there and back',
    async ({ cause, mend }) => {
      await start(dualHub());
      await moreAcksAt('primary');
      await cause();
      await until(() => fallback.received.length > 0);
      expect((await health()).status).toBe('ok');
      await activeIs('fallback');
      expect(fallback.received[0]!.receivedAt).toBeLessThan(Date.parse((await health()).failovers[0]!.at));
      await moreAcksAt('fallback');
      await mend();
      await activeIs('primary');
      await moreAcksAt('primary');
      expect((await health()).failovers.map(({ from, to }) => `${from} to ${to}`)).toEqual([
        'primary to fallback',
        'fallback to primary',
      ]);
      expect(lines.filter((line) => line.includes(' WARN failover'))).toHaveLength(1);
      expect(lines.filter((line) => line.includes(' ERROR '))).toEqual([]);
      await expectNothingLost();
    },
  );

  it('buffers in order while both hubs are down and delivers later with the times of the samples', async () => {
    await start(dualHub());
    await moreAcksAt('primary');
    await Promise.all([primary.down(), fallback.down()]);
    await until(async () => (await health()).sequence.buffered >= 8);
    expect((await health()).status).toBe('degraded');
    await fallback.up();
    await until(async () => (await health()).status === 'ok');
    expect((await health()).sequence.dropped).toBe(0);
    expect(fallback.received[0]!.receivedAt - fallback.received[0]!.timestamp).toBeGreaterThan(300);
    await primary.up();
    await activeIs('primary');
    await expectNothingLost();
  });

  it('gives up a batch that both hubs refuse for good, says so, and goes on with the next', async () => {
    await start(dualHub());
    await moreAcksAt('primary');
    primary.mode(400);
    fallback.mode(400);
    await until(async () => (await health()).sequence.dropped > 2);
    primary.mode(204);
    await moreAcksAt('primary');
    const { sequence } = await health();
    expect(sequence.buffered).toBe(0);
    expect(lines.filter((line) => line.includes(' ERROR a hub refuses a batch')).length).toBe(sequence.dropped);
  });
});
