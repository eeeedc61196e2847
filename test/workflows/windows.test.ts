// What disturbs begins inside its window, though a worker was away when that opened.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Calendar } from '../../plan/calendar/schema.ts';
import { initialState } from '../../plan/week/initial-state.ts';
import { awaitWindow, hoursOf, notAfter, type Waiting } from '../../workflows/windows.ts';
import { plan as week1 } from '../client/fixtures.ts';

beforeEach(() => vi.useFakeTimers({ toFake: ['Date'] }));
afterEach(() => vi.useRealTimers());

const at = (iso: string): number => Date.parse(iso);
const friday = at('2026-11-27T16:00Z');
const row = '2A.check.restart';

/** `back`: when the worker takes what it is asked. */
function weekOf(back: number): Waiting & { did: string[] } {
  const plan = { ...week1, calendar: Calendar.parse({ zone: 'UTC', disturb: 'Mon-Fri 09:00-17:00' }) };
  const did: string[] = [];
  const now = () => new Date().toISOString().slice(0, 16);
  return {
    did,
    state: initialState({ plan, planDigest: '', run: 'r', startedBy: 'ada', startedAt: friday, rehearsal: null }),
    fact: () => undefined,
    waitUntil: async ({ until }) => {
      vi.setSystemTime(until);
      did.push(`waited until ${now()}`);
    },
    untilThere: async (_step, machine) => {
      vi.setSystemTime(Math.max(Date.now(), back));
      did.push(`${machine} was there at ${now()}`);
    },
  };
}

test('a worker that is there lets it begin at once', async () => {
  vi.setSystemTime(friday);
  const week = weekOf(friday);
  await awaitWindow(week, [row]);
  expect(week.did).toEqual(['PC2 was there at 2026-11-27T16:00']);
});

test('one that comes back when the window is over has it wait for the next', async () => {
  vi.setSystemTime(friday);
  const week = weekOf(at('2026-11-28T03:00Z'));
  await awaitWindow(week, [row]);
  expect(week.did).toEqual([
    'PC2 was there at 2026-11-28T03:00',
    'waited until 2026-11-30T09:00',
    'PC2 was there at 2026-11-30T09:00',
  ]);
});

test('what a person lets go begins when the worker is there, at whatever hour', async () => {
  vi.setSystemTime(friday);
  const week = weekOf(at('2026-11-28T03:00Z'));
  week.state.letGo = [{ row, by: 'ada', reason: 'its owners agree', at: friday }];
  await awaitWindow(week, [row]);
  expect(week.did).toEqual(['PC2 was there at 2026-11-28T03:00']);
});

test('a failover begins when the workers of its pilots are there too, wherever they run', async () => {
  vi.setSystemTime(friday);
  const week = weekOf(friday);
  for (const agent of week.state.plan.agents) if (agent.wave !== undefined) agent.machine = 'MainPC';
  await awaitWindow(week, ['2D.failover.stop']);
  expect(week.did).toEqual(['PC2 was there at 2026-11-27T16:00', 'MainPC was there at 2026-11-27T16:00']);
});

test('in the middle of a row the window is open for as long as what is disturbed then may take, or a person let it go', () => {
  const hours = (iso: string, change: (week: Waiting) => void = () => {}, ids = [row]) => {
    vi.setSystemTime(at(iso));
    const week = weekOf(friday);
    change(week);
    return hoursOf(week, ids);
  };
  expect(hours('2026-11-27T16:58Z')).toBe('open');
  expect(hours('2026-11-27T16:59Z')).toBe('closed');
  // The second of two servers has not the time of both to begin in.
  expect(hours('2026-11-27T16:58:50Z', () => {}, ['2C.check.restart'])).toBe('open');
  const letGo = [{ row, by: 'ada', reason: 'its owners agree', at: friday }];
  expect(hours('2026-11-27T16:59Z', ({ state }) => (state.letGo = letGo))).toBe('any');
  const together = ['2C.resilience.node-down', row];
  expect(hours('2026-11-27T16:59Z', ({ state }) => (state.letGo = letGo), together)).toBe('any');
  expect(hours('2026-11-27T16:59Z', ({ state }) => delete state.plan.calendar)).toBe('any');
});

const deployment = '2D.deploy.observability_hub';

test('what goes on at any hour waits for the next window all the same, where its machine has not begun it', async () => {
  vi.setSystemTime(at('2026-11-28T03:00Z'));
  const week = { ...weekOf(friday), fact: () => friday as never };
  await awaitWindow(week, [deployment]);
  expect(week.did).toEqual(['MainPC was there at 2026-11-28T03:00']);
  await awaitWindow(week, [deployment], true);
  expect(week.did[1]).toBe('waited until 2026-11-30T09:00');
});

test('its machine is told until when it may begin, unless a person let it go or nothing keeps it', () => {
  const until = (iso: string, change: (week: Waiting) => void = () => {}) => {
    vi.setSystemTime(at(iso));
    const week = weekOf(friday);
    change(week);
    const found = notAfter(week, deployment);
    return found && new Date(found).toISOString();
  };
  expect(until('2026-11-27T16:00Z')).toBe('2026-11-27T16:50:00.000Z');
  expect(until('2026-11-28T03:00Z')).toBe('2026-11-28T02:50:00.000Z');
  const letGo = [{ row: deployment, by: 'ada', reason: 'its owners agree', at: friday }];
  expect(until('2026-11-28T03:00Z', ({ state }) => (state.letGo = letGo))).toBeUndefined();
  expect(until('2026-11-28T03:00Z', ({ state }) => delete state.plan.calendar)).toBeUndefined();
});
