// Which rows wait for a calendar, for how long a window, and what is said of a plan that leaves them none.
import { describe, expect, it } from 'vitest';
import { closedFor, keeping, whyNoWindow } from '../../../plan/calendar/keeping.ts';
import { Calendar } from '../../../plan/calendar/schema.ts';
import type { Plan } from '../../../plan/schema/plan.ts';
import { disturbedBy } from '../../../plan/tasks/row.ts';
import { stepOf, stepsOf } from '../../../plan/tasks/steps.ts';
import { plan as week1 } from '../../client/fixtures.ts';

const at = (iso: string): number => Date.parse(iso);
const calendar = (more: object): Calendar => Calendar.parse({ zone: 'UTC', ...more });
const kept = (more: object): Plan => ({ ...week1, calendar: calendar(more) });
const office = kept({ disturb: 'Mon-Fri 09:00-17:00' });

function closed(plan: Plan, id: string, iso: string, begun = false) {
  const rows = keeping(plan, [stepOf(plan, id)!]);
  const found = closedFor(plan, rows, at(iso), begun);
  return found && { on: found.on, until: new Date(found.until).toISOString() };
}

describe('rows', () => {
  it('that disturb something say for how long and where', () => {
    const say = stepsOf(week1).filter((row) => disturbedBy(row).length > 0 && !row.keepsHours);
    expect(say.map(({ id }) => id)).toEqual([]);
    for (const { id, keepsHours } of stepsOf(week1)) {
      if (!keepsHours) continue;
      expect(keepsHours.disturbsMs, id).toBeGreaterThan(0);
      expect(keepsHours.lastsMs, id).toBeGreaterThanOrEqual(keepsHours.disturbsMs + (keepsHours.goesOn ? 0 : 60_000));
      expect(keepsHours.on.length, id).toBeGreaterThan(0);
    }
  });

  it('that reload or take over what others use wait as well', () => {
    const ids = keeping(
      { ...office, adopt: ['edgehub', 'nats-pc2'] },
      stepsOf({ ...office, adopt: ['edgehub', 'nats-pc2'] }),
    ).map(({ id }) => id);
    for (const id of [
      '2A.deploy.container',
      '2A.check.restart',
      '2B.scrape.reload',
      '2B.test.persistence',
      '2C.deploy.pc2',
    ])
      expect(ids).toContain(id);
    expect(ids).not.toContain('2B.main.container');
    expect(keeping(office, stepsOf(office)).map(({ id }) => id)).not.toContain('2A.deploy.container');
  });

  it('of a fault that the plan does not allow wait for nothing', () => {
    const without = { ...office, faults: { ...office.faults, allowed: [] } };
    const ids = keeping(without, stepsOf(without)).map(({ id }) => id);
    expect(ids.filter((id) => /failover|fallback|node-down|partition/.test(id))).toEqual([]);
    expect(ids).toContain('2C.check.restart');
  });

  it('without a calendar wait for nothing', () => {
    expect(keeping(week1, stepsOf(week1))).toEqual([]);
  });

  it('have the fault at its limit inside the window', () => {
    expect(closed(office, '2C.resilience.node-down', '2026-11-27T16:56Z')).toBeUndefined();
    expect(closed(office, '2C.resilience.node-down', '2026-11-27T16:57Z')).toEqual({
      on: 'a window of 3m 30s (opens Mon 2026-11-30 09:00 UTC)',
      until: '2026-11-30T09:00:00.000Z',
    });
  });

  it('wait out a freeze that begins within the limit of their fault, and say why', () => {
    const frozen = kept({ freezes: [{ from: '2026-12-01 12:00', to: '2026-12-01 14:00', why: 'payroll' }] });
    expect(closed(frozen, '2C.resilience.node-down', '2026-12-01T11:56Z')).toBeUndefined();
    expect(closed(frozen, '2C.resilience.node-down', '2026-12-01T11:59Z')).toEqual({
      on: 'a window of 3m 30s (opens Tue 2026-12-01 14:00 UTC; frozen: payroll)',
      until: '2026-12-01T14:00:00.000Z',
    });
  });

  it("keep the calendar of each machine that they disturb, and nobody else's", () => {
    const own = week1.machines.map((machine) => ({
      ...machine,
      calendar: machine.name === 'PC2' ? calendar({ disturb: 'Sat 10:00-12:00' }) : undefined,
    }));
    const plan = { ...week1, machines: own };
    expect(closed(plan, '2A.check.restart', '2026-11-27T10:00Z')?.until).toBe('2026-11-28T10:00:00.000Z');
    const central = {
      ...week1,
      machines: week1.machines.map((machine) => ({
        ...machine,
        calendar: machine.name === 'MainPC' ? calendar({ disturb: 'Sat 10:00-12:00' }) : undefined,
      })),
    };
    expect(closed(central, '2A.check.restart', '2026-11-27T10:00Z')).toBeUndefined();
  });

  it('that alone bring back what they stopped go on at any hour once they have begun; a fault has lifted itself', () => {
    const night = '2026-11-28T03:00Z';
    expect(closed(office, '2D.deploy.observability_hub', night)).toBeDefined();
    expect(closed(office, '2D.deploy.observability_hub', night, true)).toBeUndefined();
    expect(closed(office, '2D.rollback-rehearsal', night, true)).toBeUndefined();
    expect(closed(office, '2C.resilience.node-down', night, true)).toBeDefined();
  });

  it('for which nothing opens within sixty days are looked at again then', () => {
    const shut = kept({ freezes: [{ from: '2026-11-01', to: '2027-06-01', why: 'audit' }] });
    expect(closed(shut, '2A.check.restart', '2026-11-27T00:00Z')).toEqual({
      on: 'a window of 2m 10s (none in 60 days; frozen: audit)',
      until: '2027-01-26T00:00:00.000Z',
    });
  });
});

describe('a plan', () => {
  const now = at('2026-11-27T10:00Z');

  it('that leaves each row a window is fine', () => {
    expect(whyNoWindow(week1, now)).toBeUndefined();
    expect(whyNoWindow(office, now)).toBeUndefined();
  });

  it('with a row that is longer than all hours is refused, with what to do', () => {
    const why = whyNoWindow(kept({ disturb: 'Mon-Fri 09:00-09:20' }), now);
    expect(why).toMatch(
      /^calendar: 2D\.deploy\.observability_hub\.fallback may take 25m on PC2, and no hours of the calendar are as long: widen "disturb"/,
    );
    const apart = {
      ...office,
      machines: week1.machines.map((machine) => ({
        ...machine,
        calendar: calendar({ disturb: 'Sat-Sun 09:00-17:00' }),
      })),
    };
    expect(whyNoWindow(apart, now)).toContain('no hours of the calendar are as long');
  });

  it('in which everything is frozen for the next sixty days is refused', () => {
    const why = whyNoWindow(
      kept({ disturb: 'Mon-Fri 09:00-17:00', freezes: [{ from: '2026-11-27', to: '2027-03-01', why: 'audit' }] }),
      now,
    );
    expect(why).toContain('no window is left for it in 60 days (frozen: audit)');
  });
});
