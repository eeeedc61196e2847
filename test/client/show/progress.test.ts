// What people see of a week: every wait named, nothing hidden, no colour where none belongs.
import { describe, expect, it } from 'vitest';
import { type Drawing, progressLines } from '../../../client/show/progress.ts';
import { plain } from '../../../client/show/text.ts';
import type { Look } from '../../../client/week/look.ts';
import { controlQueue } from '../../../plan/names.ts';
import { glance } from '../../../plan/week/snapshot.ts';
import { began, lookAt, plan, record, seenOf, weekAfter } from '../fixtures.ts';

const now = began + 90_000;
const drawing: Drawing = { paint: plain, now, ticking: true };
const draw = (look: Parameters<typeof progressLines>[0], change: Partial<Drawing> = {}) =>
  progressLines(look, { ...drawing, ...change }).join('\n');

const unasked: Look = {
  source: 'memo',
  ageMs: 125_000,
  trouble: null,
  execution: 'running',
  queue: controlQueue,
  workers: [],
  snapshot: null,
  glance: glance(seenOf(weekAfter(['preflight'], { phase: '2A' }))),
};

describe('progressLines', () => {
  it('shows each task with what is done of it', () => {
    const text = draw(lookAt(seenOf(weekAfter(['preflight'], { phase: '2A' }))));
    expect(text).toMatch(/preflight +━{20} +9\/9 +pass +10:00:02 UTC/);
    expect(text).toMatch(/2A +╌{20} +0\/21 +open/);
    expect(text).toContain('run 20260723-100000-ab12 · running in 2A · verdict open · since 10:00:00 UTC (1m 30s)');
  });

  it('keeps the columns where a task ended on another day', () => {
    const later = began + 3 * 86_400_000;
    const lines = draw(lookAt(seenOf(weekAfter(['preflight'], { phase: '2A' }))), { now: later, ticking: false }).split(
      '\n',
    );
    const at = (pattern: RegExp) => lines.find((line) => pattern.test(line))!.indexOf('critical');
    expect(at(/^ {2}preflight/)).toBe(at(/^ {2}2A/));
  });

  it('names for every wait whom or what, since when, until when, and the command that ends it', () => {
    const waits = [
      {
        on: 'the worker of pc2',
        step: '2A.prepare.docker',
        since: began + 5_000,
        until: began + 3_605_000,
        command: 'hubshift worker --machine PC2',
      },
    ];
    const text = draw(lookAt(seenOf(weekAfter([]), { running: [], waits })));
    expect(text).toContain(
      'for the worker of pc2 (2A.prepare.docker) since 10:00:05 UTC until 11:00:05 UTC (58m 35s left)',
    );
    expect(text).toContain('ends with: hubshift worker --machine PC2');
  });

  it('warns of pilots without a check of their own, and of no others', () => {
    expect(draw(lookAt(seenOf(weekAfter([]))))).toMatch(
      /^warning +\w+, \w+, \w+ have no check of their own: whether a new file loads is not known before the deployment$/m,
    );
    const checked = { ...plan, agents: plan.agents.map((agent) => ({ ...agent, check: ['true'] })) };
    expect(draw(lookAt(seenOf(weekAfter([], { plan: checked }))))).not.toMatch(/^warning/m);
  });

  it('says that what is older could not be written to its file, and why', () => {
    const notKept = { since: began + 5_000, error: 'ENOSPC: no space left on device' };
    expect(draw(lookAt(seenOf(weekAfter([], { notKept }))))).toContain(
      'not kept what is older is not written to its file since 10:00:05 UTC: ENOSPC: no space left on device',
    );
  });

  it('shows what runs, what is watched, what did not pass and who waived it', () => {
    const state = weekAfter(['preflight'], {
      phase: '2D',
      windows: {
        '2D.soak': {
          creditMs: 3_600_000,
          samples: 240,
          failed: 1,
          longestGapMs: 15_000,
          restarts: 1,
          firstIssue: 'edgehub down',
          startedAt: began,
        },
      },
    });
    state.records['2C.latency'] = record('2C.latency', {
      verdict: 'fail',
      summary: 'p99 180 ms',
      waived: { by: 'Bob', reason: 'known', at: began },
    });
    const text = draw(
      lookAt(seenOf(state, { running: [{ id: '2D.soak', machine: 'PC2', since: began + 80_000 }], waits: [] })),
    );
    expect(text).toContain('2D.soak · PC2  10s');
    expect(text).toContain(
      '2D.soak  1h of 24h healthy, 240 samples, longest gap 15s, 1 failed, begun again 1 times, edgehub down',
    );
    expect(text).toContain('fail 2C.latency · PC2: p99 180 ms (waived by Bob: known)');
  });

  it('never calls a week rolled back that went without a machine, and says what is to be done there', () => {
    const without = [
      { machine: 'PC2', why: 'left out by Ada: it burns', since: began, open: ['2C.deploy.pc2'], of: 1 },
    ];
    const seen = seenOf(weekAfter([], { status: 'rolled back in part', phase: 'end', without }));
    const text = draw(lookAt(seen));
    expect(text).toContain('· rolled back, but for PC2 ·');
    expect(text).toContain(
      'to do    PC2 (left out by Ada: it burns): open there: 2C.deploy.pc2. When it is back, there:',
    );
    const unheard = draw({ ...unasked, execution: 'completed', glance: glance(seen) });
    expect(unheard).toContain('· rolled back, but for PC2 ·');
    expect(unheard).toContain(`to do    PC2: there, hubshift rollback --emergency --machine PC2 --run ${seen.run}`);
  });

  it('says of a finding that is accepted by whom and why, beside its verdict', () => {
    const state = weekAfter(['preflight']);
    const waived = { by: 'Ada', reason: 'a power cut', at: began, as: 'accepted' as const };
    state.records['2D.undo.verify'] = record('2D.undo.verify', { verdict: 'fail', summary: 'another pid', waived });
    expect(draw(lookAt(seenOf(state)))).toContain('another pid (accepted by Ada: a power cut)');
  });

  it('says how old the last persisted state is when no worker answered', () => {
    const seen = glance(
      seenOf(weekAfter(['preflight'], { phase: '2A' }), {
        running: [],
        waits: [{ on: 'a person', step: 'gate', since: began }],
      }),
    );
    const text = draw({ ...unasked, glance: seen });
    expect(text).toContain(
      'No control worker answered. This is the last persisted state, of 2026-07-23 10:01:00 UTC (2m 5s old).',
    );
    expect(text).toContain('hubshift worker --control');
    expect(text).toContain('preflight  9/9 pass');
    expect(text).toContain('gate: a person');
  });

  it('names the queue of a build that nobody serves, and the worker that can', () => {
    const text = draw({ ...unasked, queue: `${controlQueue}.abcdef012345`, workers: [] });
    expect(text).toContain('Nobody serves its queue hubshift.control.abcdef012345');
    expect(text).toMatch(/control worker without --beside .*: hubshift worker --control$/m);
  });

  it('names the worker that serves the queue and does not answer', () => {
    const text = draw({ ...unasked, queue: `${controlQueue}.abcdef012345`, workers: ['control 7@MainPC build abc'] });
    expect(text).toContain(
      'Its queue hubshift.control.abcdef012345 is served by control 7@MainPC build abc, which does not answer: look at its log.',
    );
  });

  it('says when the execution was ended from outside, and how its run is taken up or undone', () => {
    const text = draw(lookAt(seenOf(weekAfter([])), { execution: 'terminated' }));
    expect(text).toContain('the execution is terminated: it will not go on by itself');
    expect(text).toContain(
      'Take it up again with hubshift start --continue 20260723-100000-ab12, or undo it with hubshift rollback.',
    );
  });

  it('takes up no week that had ended', () => {
    const text = draw(lookAt(seenOf(weekAfter([], { status: 'rolled back' })), { execution: 'terminated' }));
    expect(text).not.toContain('--continue');
  });

  it('draws the same lines at another moment when nothing ticks', () => {
    const state = weekAfter(['preflight'], {
      windows: {
        '2D.soak': { creditMs: 5_000, samples: 3, failed: 0, longestGapMs: 1_000, restarts: 0, startedAt: began },
      },
    });
    const activity = {
      running: [{ id: '2D.soak', machine: 'PC2', since: began }],
      waits: [{ on: 'a person', step: 'gate', since: began, until: began + 1e6 }],
    };
    const early = lookAt(seenOf(state, activity));
    state.windows['2D.soak']!.creditMs += 20_000;
    const late = lookAt({ ...seenOf(state, activity), at: began + 80_000 });
    expect(draw(late, { now: now + 20_000, ticking: false })).toBe(draw(early, { ticking: false }));
    expect(draw(late, { now: now + 20_000 })).not.toBe(draw(early));
  });

  it('stays short however much goes on', () => {
    const running = Array.from({ length: 300 }, (_, index) => ({
      id: `2D.deploy.agent-${index}`,
      machine: 'PC2',
      since: began,
    }));
    const lines = progressLines(lookAt(seenOf(weekAfter([]), { running, waits: [] })), drawing);
    expect(lines.join('\n')).toContain('and 292 more');
    expect(lines.length).toBeLessThan(25);
  });
});
