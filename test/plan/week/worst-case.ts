// The state of a week in which everything that can grow has grown to its bound.
import { dayName, daysOf } from '../../../plan/calendar/days.ts';
import {
  downsAtMost,
  downsOfEach,
  lostAtMost,
  messagesAtMost,
  rangesAtMost,
  silencesAtMost,
  wantedAtMost,
} from '../../../plan/evidence/measured-bounds.ts';
import { nothingMeasured, type Histogram, type Measured, type Reached } from '../../../plan/evidence/measured.ts';
import { kpis } from '../../../plan/evidence/kpis.ts';
import { gateRows } from '../../../plan/evidence/gate.ts';
import { groupsAtMost, outsideDownsAtMost } from '../../../plan/evidence/outside.ts';
import type { Ranges } from '../../../plan/evidence/sequence-sets.ts';
import { textKept, textsAtMost } from '../../../plan/evidence/watched.ts';
import { pilotsOf, type Plan, wavesOf } from '../../../plan/schema/plan.ts';
import { measuresOf } from '../../../plan/tasks/measures.ts';
import { clusterOf } from '../../../plan/tasks/messaging/cluster.ts';
import { isHub } from '../../../plan/tasks/services.ts';
import { stepsOf, tasksIn, undoRows } from '../../../plan/tasks/steps.ts';
import { disturbedAtMost } from '../../../plan/week/disturbances.ts';
import type { Facts } from '../../../plan/week/facts.ts';
import { incident } from '../../../plan/week/incident.ts';
import { initialState } from '../../../plan/week/initial-state.ts';
import { kept } from '../../../plan/week/older.ts';
import { takenAtMost } from '../../../plan/week/order.ts';
import { pagingKept } from '../../../plan/week/paging.ts';
import { fitted, recordBytes, type StepRecord } from '../../../plan/week/record.ts';
import type { Decided, WeekState } from '../../../plan/week/state.ts';
import { detailKept, type Undone, withShortDetails } from '../../../plan/week/undo.ts';
import { openCharacters, openNamed } from '../../../plan/week/without.ts';

const at = 1_764_170_000_000;
const text = 'x'.repeat(takenAtMost.text);
const name = 'n'.repeat(takenAtMost.name);
const error = 'connect ECONNREFUSED 10.77.0.2:9500, and so on';
const many = <T>(count: number, make: (index: number) => T) => Array.from({ length: count }, (_, index) => make(index));
const rangesOf = (count: number, from = at, step = 100_000): Ranges =>
  many(count, (index) => [from + index * step, from + index * step + 1]);

/** `undone`: a rollback of all is over, and what it took with it is gone; else its entries come back while all of it is there. */
export function worstCase(plan: Plan, undone: boolean): WeekState {
  const state = initialState({
    plan,
    planDigest: 'd'.repeat(64),
    run: '20261124-170916-608d',
    startedBy: name,
    startedAt: at,
    rehearsal: null,
  });
  const records = recordsOf(plan);
  const entries = withShortDetails(entriesOf(plan));
  const said = many(kept.decisions + takenAtMost.decisions, (): Decided => ({
    decision: 'no-go',
    then: 'rollback',
    confidencePercent: 99.5,
    reason: text,
    by: name,
    from: name,
    at,
    evidence: name,
    override: true,
    recommendation: 'no-go',
  }));
  const waived = { by: name, reason: text, at, as: 'accepted' as const };
  // What is let go counts as waived, and is as long.
  const waivedRows = plan.calendar ? 0 : takenAtMost.waived;
  const left = undoRows(tasksIn(plan)).map(({ id }) => id);
  return {
    ...state,
    status: 'rolling back',
    ...(plan.calendar && {
      letGo: many(takenAtMost.waived, () => ({
        row: '2D.deploy.a-pilot-with-a-long-name.fallback',
        by: name,
        reason: text,
        at,
      })),
    }),
    phase: 'rollback',
    records: Object.fromEntries(
      records.map((record, index) => [
        record.id,
        {
          ...record,
          ...(left.includes(record.id) && { finding: 'f'.repeat(16) }),
          ...((index < waivedRows || left.includes(record.id)) && { waived }),
        },
      ]),
    ),
    history: many(kept.history, (index) => ({
      ...records[index % records.length]!,
      times: 99,
      firstAt: at,
      // One that stands for others was accepted with none newer, but where the newest has gone to the file.
      ...(index < takenAtMost.waived && { waived, accepted: true as const }),
    })),
    facts: { ...baselineOf(plan), ...(undone ? {} : factsOf(plan)) },
    windows: undone ? {} : windowsOf(plan),
    held: { reason: text, since: at, deadline: at },
    without: plan.machines.map(({ name: machine }) => ({
      machine,
      why: `left out by ${name}: ${text}`,
      since: at,
      open: many(openNamed, () => 'x'.repeat(openCharacters)),
      of: 1_234,
    })),
    released: tasksIn(plan),
    letGo: daysOf({ plan, startedAt: at }).map((day) => ({ row: dayName(day), by: name, reason: text, at })),
    approvals: said.slice(0, takenAtMost.decisions),
    decisions: said.slice(takenAtMost.decisions),
    undone: [
      ...many(kept.undone, (index) => ({ ...entries[index % entries.length]!, detail: 'd'.repeat(detailKept) })),
      ...(undone ? entries : []),
    ],
    rollback: {
      scope: 'all',
      reason: text,
      startedAt: at,
      undoneAt: at,
      verifiedAt: at,
      ...(undone && { tookBack: entries.map(({ machine, kind, step }) => `${machine}: ${kind} of ${step}`) }),
    },
    undoing: { phase: '2D', since: at, begun: tasksIn(plan), actions: actionsOf(6), undone: { 'PC2 0': entries } },
    incidents: many(kept.incidents, () => ({
      ...incident(plan, 99, {
        level: 1,
        target: 'nats-pc2',
        trigger: { automatic: false, by: name, from: name, reason: text, withoutTemporal: true },
        startedAt: at,
        endedAt: at,
        result: 'recovered',
        actions: actionsOf(20),
      }),
      cause: text,
      prevention: text,
      accepted: waived,
    })),
    outbox: plan.notify.channels.flatMap(({ name: channel }) =>
      many(3, (index) => ({
        channel,
        notice: {
          id: `${state.run}/incident-${index}/begin`,
          kind: 'level-1' as const,
          title: text,
          text: text + text + text,
          resolved: false,
          run: state.run,
          plan: plan.name,
          at,
        },
      })),
    ),
    told: many(100, (index) => ({
      notice: `${state.run}/incident-${index}/begin`,
      kind: 'level-1',
      channel: 'a-channel',
      result: 'failed',
      detail: error,
      at,
    })),
    announced: many(1_000, (index) => `held-${at + index}/${index % 2 ? 'begin' : 'escalated-1'}`),
    paged: many(pagingKept.open, (index) => ({
      about: `held-${at + index}`,
      kind: 'question',
      since: at,
      reminded: 1_000,
      escalated: 10,
      took: true,
      acknowledged: true,
      left: true,
    })),
    acknowledged: many(pagingKept.acknowledged, (index) => ({ about: `held-${at + index}`, by: name, from: name, at })),
    reports: { files: many(3, (form) => `/var/lib/hubshift-reports/${state.run}.${form}`), error },
    evidence: {
      at,
      digest: 'd'.repeat(64),
      kpis: Object.fromEntries(kpis.map(({ id }) => [id, evaluation])),
      go: Object.fromEntries(gateRows.map(({ id }) => [id, evaluation])),
      noGo: evaluation,
      recommendation: 'no-go',
      reasons: many(10, () => text),
    },
    stood: {
      status: 'completed',
      phase: 'end',
      at,
      kpis: Object.fromEntries(kpis.map(({ id }) => [id, evaluation])),
      reports: many(3, () => `/var/lib/hubshift-reports/${state.run}.rolled-back.2.html`),
    },
    interruptions: { since: at, times: rangesOf(20) },
    disturbances: Object.fromEntries(
      [...plan.services, ...pilotsOf(plan)].map(({ name: target }, _index, { length }) => [
        target,
        rangesOf(Math.floor(disturbedAtMost / length)),
      ]),
    ),
    measured: measuredOf(plan),
    series: many(60, () => ({ at, values: Object.fromEntries(kpis.map(({ id }) => [id, 99.123456789])) })),
    mended: 'nats-pc2',
    older: {
      file: `/var/lib/hubshift-reports/${state.run}.older.jsonl`,
      history: 9_999,
      findings: 9_999,
      incidents: 99,
      levels: { 1: 99, 2: 99 },
      decisions: 99,
      undone: { undone: 9_999, already: 9_999, left: 9_999, failed: 9_999 },
      disturbed: { 'edge-hub': rangesOf(100) },
    },
    notKept: { since: at, error: text },
    doing: { kind: 'rollback', by: name, scope: 'all', reason: text },
    orders: many(takenAtMost.orders, () => ({
      kind: 'repair',
      level: 1,
      component: 'nats-pc2',
      trigger: { automatic: false, by: name, from: name, reason: text },
      at,
    })),
    pages: 999,
  };
}

const evaluation = {
  verdict: 'fail' as const,
  summary: 'x'.repeat(400),
  evidence: { value: 1, why: ['x'.repeat(300)] },
};

function actionsOf(count: number) {
  return many(count, () => ({ what: 'restart the container nats-pc2', machine: 'MainPC', result: text, ms: 123_456 }));
}

/** Each as long as the week lets it be. */
function recordsOf(plan: Plan): StepRecord[] {
  const rows = [...stepsOf(plan), ...undoRows(tasksIn(plan))];
  const machineOf = new Map(plan.agents.map((agent) => [agent.name, agent.machine]));
  return rows.map(({ id, ofAgent, timesFailover }) =>
    fitted(
      {
        id,
        machine: machineOf.get(ofAgent ?? '') ?? plan.machines.map((machine) => machine.name).join(', '),
        verdict: 'inconclusive',
        summary: text.slice(0, 100),
        evidence: timesFailover ? { slowestMs: 12_345, failovers: 123, lost: 123 } : { value: 1 },
        startedAt: at,
        endedAt: at,
        attempts: 99,
      },
      recordBytes(rows.length),
    ),
  );
}

/** What the ledgers have: of a pilot its configuration, its directory and its backup, of services and messaging what they are made of. */
function entriesOf(plan: Plan): (Undone & { machine: string })[] {
  const entry = (
    machine: string,
    step: string,
    kind: Undone['kind'],
    target: string,
  ): Undone & { machine: string } => ({
    entry: 1_234,
    step,
    kind,
    target,
    result: 'undone',
    detail: text,
    ms: 123_456,
    machine,
  });
  return [
    ...pilotsOf(plan).flatMap(({ name: pilot, machine, config }) => [
      entry(machine, `2D.prepare.${pilot}`, 'directory.remove', '/code/backups'),
      entry(machine, `2D.deploy.${pilot}`, 'file.restore', config),
      entry(machine, `2D.deploy.${pilot}`, 'agent.restore', pilot),
    ]),
    ...plan.services.flatMap(({ name: service, machine }) =>
      many(8, () => entry(machine, '2A.prepare.directories', 'directory.remove', `/srv/hubshift/data/of/${service}`)),
    ),
    ...many(60, () => entry('MainPC', '2C.streams.create', 'stream.delete', 'observability-metrics')),
  ];
}

function baselineOf(plan: Plan): Facts {
  const usage = { cpuPercent: 12.34, memoryBytes: 1_234_567_890 };
  const on = (machine: string) => plan.agents.filter((agent) => agent.machine === machine);
  const times = { samples: 99, failed: 0, p50: 1.23, p95: 12.34, p99: 123.45 };
  const asked = (machine: string) => [
    'centralhub query',
    'centralhub write',
    ...on(machine)
      .slice(0, 20)
      .map((agent) => agent.name),
  ];
  return {
    baseline: Object.fromEntries(
      plan.machines.map((machine) => [
        machine.name,
        {
          at,
          durationMs: 60_000,
          responseMs: Object.fromEntries(asked(machine.name).map((one) => [one, times])),
          containers: Object.fromEntries(plan.services.map((service) => [service.name, usage])),
          programs: Object.fromEntries(on(machine.name).map((agent) => [agent.name, usage])),
          machine: {
            cpuPercent: 12.34,
            memoryPercent: 12.34,
            memoryBytes: 1_234_567_890,
            cores: 16,
            receivedBytesPerS: 123_456,
            sentBytesPerS: 123_456,
          },
          batches: {
            responseMs: Object.fromEntries(asked(machine.name).map((one) => [one, many(20, () => 123.45)])),
            cpuPercent: many(20, () => 12.34),
            memoryPercent: many(20, () => 12.34),
            networkPercent: many(20, () => 12.34),
          },
        },
      ]),
    ),
    bystanders: {
      programs: Object.fromEntries(plan.agents.map((agent) => [agent.name, 123_456])),
      centralStartedAt: '2026-11-24T17:09:16.000000000Z',
      centralRestart: 'unless-stopped',
      boots: Object.fromEntries(plan.machines.map(({ name }) => [name, '5b6a5a1e-0f3c-4a39-9d0a-0b1f6f5d8a11'])),
    },
    unwell: plan.agents.map((agent) => agent.name),
    before: {
      pilots: [{ hub: 'secondary', hubs: 12, posts: false, names: pilotsOf(plan).map((pilot) => pilot.name) }],
      jobs: Object.fromEntries(
        plan.services.filter(isHub).map((hub) => [hub.name, plan.services.map((service) => service.name)]),
      ),
    },
    ...Object.fromEntries(
      plan.services.map((service) => [`image ${service.name}:v1 on ${service.machine}`, `sha256:${'d'.repeat(64)}`]),
    ),
  };
}

/** What a soak begins with: all of each pilot, and one window over all agents; and a wave that is deployed. */
function factsOf(plan: Plan): Facts {
  const target = { up: 12_345, down: 12, longestDown: 3, downNow: 2, unknown: 1_234 };
  const said = { ...target, firstError: 'e'.repeat(textKept), firstUnknown: 'u'.repeat(textKept) };
  const names = [
    ...plan.services.map((service) => service.name),
    ...plan.agents.flatMap((agent) => [agent.name, `${agent.name} hub`, `program ${agent.program}`]),
  ];
  const backup = '/var/lib/hubshift/backups/20261124-170916-608d/1234-';
  return {
    ...Object.fromEntries(
      pilotsOf(plan).flatMap((pilot) => [
        [`backup of ${pilot.name}`, `${backup}${pilot.name}.yaml`],
        [`original ${pilot.config}`, 'd'.repeat(64)],
        [`log offset 2D.deploy.${pilot.name}`, 1_234_567_890],
      ]),
    ),
    'watched 2D.soak': Object.fromEntries(names.map((one, index) => [one, index < textsAtMost ? said : target])),
    targets: plan.agents.map(({ machine, port }) => `target agents ${machine}:${port}`),
    'lives 2D.soak': Object.fromEntries(
      plan.machines.map(({ name: machine }) => [
        machine,
        Object.fromEntries([
          ...plan.agents
            .filter((agent) => agent.machine === machine)
            .map(({ program }) => [`program ${program}`, '1a2b3c4d']),
          ...plan.services
            .filter((service) => service.machine === machine)
            .map(({ name }) => [`container ${name}`, '1a2b3c4d']),
        ]),
      ]),
    ),
    ...Object.fromEntries(largestWave(plan).map((pilot) => [`begun 2D.deploy.${pilot.name}.observation`, at])),
  };
}

function largestWave(plan: Plan) {
  return wavesOf(plan).reduce((one, other) => (other.length > one.length ? other : one), []);
}

const place = { inode: 123_456_789_012, offset: 1_234_567_890, before: 'd'.repeat(8) };

function windowsOf(plan: Plan): WeekState['windows'] {
  const window = {
    creditMs: 12_345_678,
    samples: 123_456,
    failed: 123,
    longestGapMs: 123_456,
    restarts: 9,
    unseenMs: 123_456,
    firstIssue: `agent: ${error}`,
    startedAt: at,
    log: {
      lines: 12_345_678,
      matches: 12_345,
      place: { ...place, older: [place] },
      missed: 12,
    },
  };
  return Object.fromEntries(largestWave(plan).map((pilot) => [`2D.deploy.${pilot.name}.observation`, window]));
}

/** As many groups as there may be, and as often down. */
function reachedOf(targets: string[]): Reached[] {
  return many(groupsAtMost, (group) => ({
    names: targets.filter((_target, index) => index % groupsAtMost === group),
    since: at,
    down: rangesOf(Math.floor(outsideDownsAtMost / groupsAtMost) + (group < outsideDownsAtMost % groupsAtMost ? 1 : 0)),
  }));
}

/** As often as all of them together may be. */
function oftenDown(targets: string[]): Measured['targets'] {
  const downs = Math.max(downsAtMost, downsOfEach * targets.length);
  return Object.fromEntries(
    targets.map((target, index) => [
      target,
      { since: at, down: rangesOf(Math.floor(downs / targets.length) + (index < downs % targets.length ? 1 : 0)) },
    ]),
  );
}

function measuredOf(plan: Plan): WeekState['measured'] {
  const histogram: Histogram = {
    encoded: 'H'.repeat(3_040),
    count: 123_456,
    p50: 1.23,
    p95: 12.34,
    p99: 123.45,
    max: 1_234.56,
  };
  const moments = { count: 123_456, mean: 12.345678901234567, m2: 12_345.678901234567 };
  const batches = { from: at, open: moments, closed: moments };
  return Object.fromEntries(
    plan.machines.map(({ name: machine }): [string, Measured] => {
      const services = plan.services.filter((service) => service.machine === machine);
      const targets = [...services, ...plan.agents.filter((agent) => agent.machine === machine)];
      const outside = Object.keys(measuresOf(plan, machine, '').outside!);
      const others = plan.machines.filter((other) => other.name !== machine);
      return [
        machine,
        {
          ...nothingMeasured(),
          samples: 123_456,
          seen: rangesOf(rangesAtMost),
          bridgedMs: 12_345_678,
          wanted: rangesOf(wantedAtMost),
          targets: oftenDown([...targets.map(({ name }) => name), clusterOf(plan).target]),
          outside: reachedOf(outside),
          responses: Object.fromEntries(
            services
              .filter(isHub)
              .flatMap((hub) => [`${hub.name} query`, `${hub.name} write`].map((name) => [name, histogram])),
          ),
          messages: Object.fromEntries(
            others.map((other) => [
              other.name,
              {
                sent: [[1, 1_234_567]],
                answered: rangesOf(messagesAtMost / 2, 1_000_000, 10),
                unheard: rangesOf(messagesAtMost / 2, 2_000_000, 10),
                silences: many(silencesAtMost, (index) => ({
                  fromMs: at + index,
                  toMs: at + index,
                  last: 3_000_000 + index,
                  count: 1_000 + index,
                })),
                lostAt: many(lostAtMost, (index) => at + index),
                latency: histogram,
              },
            ]),
          ),
          cpu: moments,
          memory: moments,
          network: moments,
          // Costs are known every five seconds at most.
          means: { cpu: batches, memory: batches, network: { ...batches, values: many(120, () => 12.34) } },
        },
      ];
    }),
  );
}
