// A running week: steps and checks that can always run again from the top, waits that name whom they wait for, and orders.
import {
  CancellationScope,
  CancelledFailure,
  condition,
  isCancellation,
  patched,
  setCurrentDetails,
  sleep,
  upsertMemo,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { defineSearchAttributeKey } from '@temporalio/common';
import type { MachineActivities } from '../plan/machine-api/index.ts';
import { meant } from '../plan/machine-api/meant.ts';
import { machineId, searchAttributes } from '../plan/names.ts';
import type { Plan } from '../plan/schema/plan.ts';
import { dayName, dayOf, isDayReleased } from '../plan/calendar/days.ts';
import { taskOf } from '../plan/tasks/index.ts';
import { withClusters } from '../plan/tasks/measures.ts';
import { isPart, type Part, type TaskName } from '../plan/tasks/names.ts';
import { stepOf, stepsOf } from '../plan/tasks/steps.ts';
import { detailsOf } from '../plan/week/details.ts';
import { standsAgain } from '../plan/week/disturbances.ts';
import type { FactName, Facts } from '../plan/week/facts.ts';
import { noteBrokenOff, noteGoesOn } from '../plan/week/interruptions.ts';
import { fitted, type Evaluation, recordBytes } from '../plan/week/record.ts';
import { type Activity, glance, snapshot, type Snapshot } from '../plan/week/snapshot.ts';
import type { Wait, WeekState } from '../plan/week/state.ts';
import type { Scope } from '../plan/week/undo.ts';
import { holdIfAhead, looksAtLedgers } from './ledger-ahead.ts';
import { failureText, failureType, isInterrupted, isNotBegun } from './machine/failures.ts';
import { ActivityLimit } from './machine/limit.ts';
import { Presence } from './machine/presence.ts';
import { hello, machineProxy } from './machine/proxy.ts';
import { awaitWindow, hoursOf, keepsWindows } from './windows.ts';
import { Notifying } from './notices/notifying.ts';
import { Paging } from './notices/paging.ts';
import { isContinuation, type Order, thePlan } from '../plan/week/order.ts';
import { HistoryIsLong, IncidentFound, keptByGo, StepFailed } from './orders/interruptions.ts';
import { Measuring } from './watch/measuring.ts';

/** Above so many events or bytes the week goes on in a new history, from wherever it is. */
const longHistory = { events: 2_000, bytes: 4 * 2 ** 20 };
/** The memo is written at most this often: each write is an event. */
const memoEveryMs = 2_000;

const keys = {
  plan: defineSearchAttributeKey(searchAttributes.plan, 'KEYWORD'),
  phase: defineSearchAttributeKey(searchAttributes.phase, 'KEYWORD'),
  verdict: defineSearchAttributeKey(searchAttributes.verdict, 'KEYWORD'),
};

/** How often a measurement is taken whose worker dies in the middle of it. */
const measuresAtMost = 5;

export type Evaluate<T> = (found: T) => Evaluation;

/** One machine's side of the week. */
export interface Host {
  machine: string;
  /** Does a step or check once: a recorded pass returns at once. Throws StepFailed on anything but a pass. */
  step<T>(id: string, act: (on: MachineActivities) => Promise<T>, evaluate: Evaluate<T>): Promise<void>;
  check<T>(id: string, look: (on: MachineActivities) => Promise<T>, evaluate: Evaluate<T>): Promise<void>;
}

export class Week {
  private scope?: CancellationScope;
  /** Which orders interrupt what runs now; the others wait for its end. */
  private interrupts: (order: Order) => boolean = () => true;
  private readonly orders: Order[] = [];
  private readonly activity: Activity = { running: [], waits: [] };
  private readonly limit = new ActivityLimit();
  /** What goes on whatever an order cancels: made here, outside of it. */
  private readonly beside = new CancellationScope({ cancellable: false });
  private readonly presences = new Map<string, Presence>();
  /** What was found stays found, and people decide on verdicts. Asked once: a history of before goes on as it began. */
  readonly findingsStay = patched('findings-stay');
  /** Of attempts that are accepted together one says by whom and why. */
  readonly acceptsTogether = patched('accepted-together');
  /** What slows all of a hub's machine is taken off by bystanders there. */
  readonly hubsBesideTheirs = patched('hubs-beside-their-bystanders');
  /** Agents of every kind are asked for their functions. */
  readonly asksFunctions = patched('functions-of-every-kind');
  /** Before a deadline triggers anything. */
  readonly looksAgain = patched('looks-again-at-a-deadline');
  /** Targets of hubs are found by where they are scraped, whatever their labels say. */
  readonly findsByPlace = patched('targets-by-place');
  /** The preflight asks for versions, and how agents are scraped. */
  readonly asksOfScrapes = patched('preflight-asks-of-scrapes');
  /** Who asks and is refused knows nothing of whom it asked. */
  readonly refusedIsUnknown = patched('refused-is-unknown');
  /** How long a record may be, where it is not by the rows of the plan. */
  recordsAtMost?: number;
  readonly measuring = new Measuring(this);
  readonly notifying = new Notifying(this);
  readonly paging = new Paging(this);
  /** How many rows are done at this moment. */
  private atWork = 0;
  private memoAt = 0;
  private shown = '';

  constructor(readonly state: WeekState) {}

  get plan(): Plan {
    return this.state.plan;
  }

  on(machine: string): Host {
    const once = <T>(id: string, act: (on: MachineActivities) => Promise<T>, evaluate: Evaluate<T>) =>
      this.step(id, machine, (on) => act(on(machine)), evaluate);
    return { machine, step: once, check: once };
  }

  /** A step over several machines: `act` gets the proxy of any machine. */
  async step<T>(
    id: string,
    machine: string,
    act: (on: (machine: string) => MachineActivities) => Promise<T>,
    evaluate: Evaluate<T>,
  ): Promise<void> {
    await this.group([id], machine, act, (found) => ({ [id]: evaluate(found) }));
  }

  /** Several rows evaluated from one measurement: done again as a whole unless all of them passed. */
  async group<T>(
    ids: string[],
    machine: string,
    act: (on: (machine: string) => MachineActivities) => Promise<T>,
    evaluate: (found: T) => Record<string, Evaluation>,
  ): Promise<void> {
    if (ids.every((id) => this.settled(id))) return;
    this.stopIfOrdered();
    this.stopIfHistoryIsLong();
    for (const id of ids) this.holdBefore(id);
    if (keepsWindows(this.plan, ids)) {
      await awaitWindow(this, ids);
      // What is held before its beginning has not begun, and waits again.
      this.stopIfOrdered();
    }
    const [first = ''] = ids;
    const isNew = this.fact(`begun ${first}`) === undefined;
    const running = ids.map((id) => ({ id, machine, since: this.begin(id) }));
    this.activity.running.push(...running);
    this.works(1);
    this.publish();
    try {
      // Nothing is awaited where a history of before did not.
      if (isNew && this.changes(first) && looksAtLedgers()) await holdIfAhead(this, first, this.machinesIn(machine));
      const found = await this.whole(ids, () => act((on) => this.proxy(first, on, undefined, ids)));
      this.stopIfOrdered();
      const evaluations = evaluate(found);
      for (const id of ids)
        this.record(
          id,
          machine,
          evaluations[id] ?? { verdict: 'inconclusive', summary: 'the measurement says nothing of it', evidence: {} },
        );
    } catch (error) {
      if (isCancellation(error) || error instanceof HistoryIsLong || error instanceof IncidentFound) throw error;
      if (failureType(error) === 'LedgerClosed') {
        this.order({ kind: 'closed' });
        throw error;
      }
      if (failureType(error) === 'LedgerKept') throw keptByGo(first, failureText(error));
      // What nobody could read is not known.
      const type = failureType(error);
      const isUnknown = type === 'NotRead' || (type === 'NotSeen' && this.refusedIsUnknown);
      const verdict = isUnknown ? 'inconclusive' : 'fail';
      for (const id of ids)
        if (!this.settled(id)) this.record(id, machine, { verdict, summary: failureText(error), evidence: {} });
    } finally {
      this.activity.running = this.activity.running.filter((item) => !running.includes(item));
      this.works(-1);
      this.publish();
    }
    const failed = ids.find((id) => !this.settled(id));
    if (failed) throw new StepFailed(failed);
  }

  private works(more: 1 | -1): void {
    this.atWork += more;
    if (this.atWork === 0) noteBrokenOff(this.state, Date.now());
    else noteGoesOn(this.state, Date.now());
  }

  private changes(id: string): boolean {
    return stepOf(this.plan, id)?.kind === 'step';
  }

  /** Those that are named: "MainPC, PC2". */
  private machinesIn(machine: string): string[] {
    const named = machine.split(', ');
    return this.plan.machines.map(({ name }) => name).filter((name) => named.includes(name));
  }

  /** A measurement without a gap: what a worker did not live to finish, or did not begin in its window, is taken again from its beginning. */
  private async whole<T>(ids: string[], measure: () => Promise<T>): Promise<T> {
    for (let time = 1; ; time += 1) {
      try {
        return await measure();
      } catch (error) {
        if (!(isInterrupted(error) || isNotBegun(error)) || time === measuresAtMost) throw error;
        this.stopIfOrdered();
        if (!keepsWindows(this.plan, ids)) continue;
        this.works(-1);
        try {
          await awaitWindow(this, ids, isNotBegun(error));
        } finally {
          this.works(1);
        }
      }
    }
  }

  /** All rows of a task are settled, or it has none. */
  isDone(task: TaskName): boolean {
    return stepsOf(this.plan).every((row) => row.task !== task || this.settled(row.id));
  }

  /** A pass, or waived by a person. */
  settled(id: string): boolean {
    const record = this.state.records[id];
    return record?.verdict === 'pass' || record?.waived !== undefined;
  }

  /** When it began; an interruption (a pause, continue-as-new) does not begin it anew. */
  private begin(id: string): number {
    const begun = this.fact(`begun ${id}`) ?? Date.now();
    this.keep(`begun ${id}`, begun);
    return begun;
  }

  record(id: string, machine: string, evaluation: Evaluation): void {
    const known = this.state.records[id];
    const record = {
      id,
      machine,
      startedAt: this.begin(id),
      endedAt: Date.now(),
      attempts: (known?.attempts ?? 0) + 1,
      ...evaluation,
    };
    // It was done again without an order: after a pause, a death of the worker, or in a new history.
    if (this.findingsStay && known?.verdict === 'fail' && stepOf(this.plan, id)) this.state.history.push(known);
    this.state.records[id] = fitted(record, this.recordsAtMost ?? recordBytes(stepsOf(this.plan).length));
    delete this.state.facts[`begun ${id}`];
    if (record.verdict === 'pass' && this.state.again?.row === id) delete this.state.again;
    const makes = record.verdict === 'pass' ? stepOf(this.plan, id)?.makes : undefined;
    if (makes !== undefined) standsAgain(this.state, makes, withClusters(this.plan, [makes]), record.endedAt);
  }

  /**
   * A machine's verbs, labelled with the step in the Web UI, and a wait that names a missing worker. `interrupted` is told what a worker that
   * died had reported last. `ids`: of all rows that it is asked for.
   */
  proxy(step: string, machine: string, interrupted?: (left: unknown) => void, ids = [step]): MachineActivities {
    let wait: Wait | undefined;
    return machineProxy(meant(this.plan, machine), {
      step,
      summary: `${step} · ${machine}`,
      limit: this.limit,
      presence: this.presence(machine),
      interrupted,
      hours: () => hoursOf(this, ids),
      waiting: (missing) => {
        if (missing && !wait) wait = this.waitFor(missingWorker(machine, step));
        if (!missing && wait) this.waitedFor(wait);
        if (!missing) wait = undefined;
      },
    });
  }

  private presence(machine: string): Presence {
    const known = this.presences.get(machine);
    if (known) return known;
    const presence = new Presence(
      this.beside,
      () => hello(meant(this.plan, machine)),
      () => this.publish(),
      () => this.mustContinue,
    );
    this.presences.set(machine, presence);
    return presence;
  }

  /** Independent work side by side: the first failure cancels the others, all are awaited, the first real error is thrown. A long history cancels nothing. */
  async together(...works: (() => Promise<void>)[]): Promise<void> {
    const errors: unknown[] = [];
    const scope = new CancellationScope();
    await scope.run(async () => {
      await Promise.all(
        works.map(async (work) => {
          try {
            await work();
          } catch (error) {
            errors.push(error);
            if (!(error instanceof HistoryIsLong)) scope.cancel();
          }
        }),
      );
    });
    if (errors.length > 0)
      throw (
        errors.find((error) => !isCancellation(error) && !(error instanceof HistoryIsLong)) ??
        errors.find(isCancellation) ??
        errors[0]
      );
  }

  /** A fact that later steps need; kept across continue-as-new. */
  keep<Name extends FactName>(name: Name, value: Facts[Name]): void {
    this.state.facts[name] = value;
  }

  fact<Name extends FactName>(name: Name): Facts[Name] | undefined {
    return this.state.facts[name];
  }

  /** A timer that the Web UI shows as activities are shown: by step and machine. */
  async sleep(milliseconds: number, step: string, machine: string): Promise<void> {
    if (milliseconds > 0) await sleep(milliseconds, { summary: `${step} · ${machine}` });
  }

  /** Until the day of a part of the week has begun, or a person lets it begin; undefined where it has. */
  untilDayOf(part: Part): Promise<void> | undefined {
    const { plan, state } = this;
    const day = dayOf(plan, part, state.startedAt);
    const isOver = () => !day || Date.now() >= day.at || isDayReleased(state, day);
    if (!day || isOver()) return undefined;
    const command = `hubshift release ${dayName(day)} --reason TEXT`;
    return this.waitUntil({ on: `day ${day.day}`, step: part, until: day.at, command }, isOver);
  }

  /** One task of the week: skipped when all its rows are settled. */
  async task(phase: TaskName, work: () => Promise<void>): Promise<void> {
    if (this.isDone(phase)) return;
    // Nothing is awaited where a history of before did not.
    const untilDay = isPart(phase) ? this.untilDayOf(phase) : undefined;
    if (untilDay) await untilDay;
    this.state.phase = phase;
    this.notifying.tell('phase', `phase-${phase}/begin`, `${taskOf(phase).called} begins`, this.plan.title);
    this.publish();
    this.holdBefore(phase);
    await work();
  }

  /** Before a task or a row of `holdBefore` a person lets the week go on, once. */
  private holdBefore(what: string): void {
    if (!this.plan.holdBefore.includes(what) || this.state.released.includes(what)) return;
    this.state.released.push(what);
    this.order({ kind: 'pause', by: thePlan, reason: `holdBefore ${what}` });
    this.stopIfOrdered();
  }

  /** Runs the tasks in a cancellable scope until they are done, one fails, or an order comes. */
  async next(tasks: () => Promise<void>): Promise<Order> {
    const ordered = this.firstOrder();
    if (ordered) return ordered;
    try {
      this.scope = new CancellationScope();
      await this.scope.run(tasks);
      return this.firstOrder() ?? { kind: 'done' };
    } catch (error) {
      // What was found goes before a new history, which would find it again.
      const order = this.orders.every(isContinuation) ? undefined : this.firstOrder();
      if (order) return order;
      if (error instanceof StepFailed) return { kind: 'failed', step: error.step };
      if (error instanceof IncidentFound) return error.order;
      if (error instanceof HistoryIsLong) return { kind: 'continue-as-new' };
      const continuation = this.orders.shift();
      if (continuation) return continuation;
      throw error;
    } finally {
      this.scope = undefined;
    }
  }

  /** Mends something, shown as `step`. Only a rollback interrupts it; it then returns with the work undone. */
  async repairing(step: string, machine: string, work: () => Promise<void>): Promise<void> {
    const running = { id: step, machine, since: Date.now() };
    this.activity.running.push(running);
    this.publish();
    try {
      await this.interruptedBy(({ kind }) => kind === 'rollback' || kind === 'closed').run(work);
    } catch (error) {
      if (!isCancellation(error)) throw error;
    } finally {
      this.interruptedByAll();
      this.activity.running = this.activity.running.filter((other) => other !== running);
      this.publish();
    }
  }

  /** Does work that only such orders interrupt: then undefined, with the work undone. `shown`: as something that runs. */
  async unless<T>(
    interrupts: (order: Order) => boolean,
    work: () => Promise<T>,
    shown: Activity['running'] = [],
  ): Promise<T | undefined> {
    this.activity.running.push(...shown);
    if (shown.length > 0) this.publish();
    try {
      return await this.interruptedBy(interrupts).run(work);
    } catch (error) {
      if (!isCancellation(error)) throw error;
      return undefined;
    } finally {
      this.interruptedByAll();
      this.activity.running = this.activity.running.filter((other) => !shown.includes(other));
    }
  }

  private interruptedBy(interrupts: (order: Order) => boolean): CancellationScope {
    this.interrupts = interrupts;
    this.scope = new CancellationScope();
    if (this.orders.some(interrupts)) this.scope.cancel();
    return this.scope;
  }

  private interruptedByAll(): void {
    this.scope = undefined;
    this.interrupts = () => true;
  }

  /**
   * Waits for an order; undefined when `until` passes first, which is the wait's own end unless somebody wants to look before, or it is
   * `over`. Throws HistoryIsLong when it has become long meanwhile.
   */
  async awaitOrder(
    wait: Omit<Wait, 'since'>,
    until = wait.until,
    over: () => boolean = () => false,
  ): Promise<Order | undefined> {
    const waiting = this.waitFor(wait);
    this.publish();
    try {
      const ready = () => this.orders.length > 0 || this.mustContinue || over();
      if (until === undefined) await condition(ready);
      else if (!(await condition(ready, Math.max(1, until - Date.now())))) return undefined;
      if (this.orders.length > 0) return this.firstOrder();
      if (!over()) throw new HistoryIsLong();
      return undefined;
    } finally {
      this.waitedFor(waiting);
      this.publish();
    }
  }

  /** Waits beside the orders, each of which ends it as it ends all that runs; throws HistoryIsLong when it has become long meanwhile. */
  async waitUntil(wait: Omit<Wait, 'since'> & { until: number }, over: () => boolean): Promise<void> {
    const waiting = this.waitFor(wait);
    try {
      await condition(() => over() || this.mustContinue, Math.max(1, wait.until - Date.now()));
    } finally {
      this.waitedFor(waiting);
      this.publish();
    }
    if (!over() && this.mustContinue) throw new HistoryIsLong();
  }

  order(order: Order): void {
    this.orders.push(order);
    if (this.interrupts(order)) this.scope?.cancel();
  }

  /** A new history begins when nothing else is to be done. */
  private firstOrder(): Order | undefined {
    const index = this.orders.findIndex((order) => !isContinuation(order));
    return this.orders.splice(Math.max(0, index), 1)[0];
  }

  /** Before all others. */
  putBack(order: Order): void {
    this.orders.unshift(order);
  }

  /** Takes the orders out that match: they are carried out already, by what runs. */
  take<Taken extends Order>(matches: (order: Order) => order is Taken): Taken[];
  take(matches: (order: Order) => boolean): Order[];
  take(matches: (order: Order) => boolean): Order[] {
    const taken = this.orders.filter(matches);
    for (const order of taken) this.orders.splice(this.orders.indexOf(order), 1);
    return taken;
  }

  /** Before anything new is begun: throws when the history is long. */
  stopIfHistoryIsLong(): void {
    if (this.historyIsLong) throw new HistoryIsLong();
  }

  /** Where nothing did before: what waits or rolls back in a history of before goes on in it. */
  get mustContinue(): boolean {
    return this.orders.some(isContinuation) || (this.historyIsLong && patched('continues-anywhere'));
  }

  get historyIsLong(): boolean {
    const { historyLength, historySize } = workflowInfo();
    return historyLength > longHistory.events || historySize > longHistory.bytes;
  }

  /** Orders that are not carried out yet; a new history is begun beside them. */
  get waitingOrders(): number {
    return this.orders.filter((order) => !isContinuation(order)).length;
  }

  /** Of these, those that match; they go on waiting. */
  waiting(matches: (order: Order) => boolean): Order[] {
    return this.orders.filter(matches);
  }

  /** Whether the machine's worker does not take what it is asked. */
  isMissing(machine: string): boolean {
    const { on } = missingWorker(machine, '');
    const told = this.activity.waits.some((wait) => wait.on === on);
    return told || this.presences.get(machine)?.missing !== undefined;
  }

  /** Whether an order has cancelled what runs now. */
  get ordered(): boolean {
    return CancellationScope.current().consideredCancelled;
  }

  /** After work that returned although it was cancelled: what it found is kept, and the order goes first. */
  stopIfOrdered(): void {
    if (this.ordered) throw new CancelledFailure('an order came');
  }

  /** Until a machine's worker takes what it is asked, whatever it answers. Throws HistoryIsLong as all that is asked of one. */
  async untilThere(step: string, machine: string): Promise<void> {
    try {
      await this.proxy(step, machine).describeMachine();
    } catch (error) {
      if (isCancellation(error) || error instanceof HistoryIsLong) throw error;
    }
  }

  private waitFor(wait: Omit<Wait, 'since'>): Wait {
    const waiting = { ...wait, since: Date.now() };
    this.activity.waits.push(waiting);
    this.publish();
    return waiting;
  }

  private waitedFor(wait: Wait): void {
    this.activity.waits = this.activity.waits.filter((other) => other !== wait);
  }

  snapshot(): Snapshot {
    const missing = [...this.presences].flatMap(([machine, { missing: found }]) =>
      found
        ? [
            {
              ...missingWorker(machine, found.step, this.state.undoing && this.state.rollback?.scope),
              since: found.since,
            },
          ]
        : [],
    );
    return snapshot(this.state, Date.now(), { ...this.activity, waits: [...this.activity.waits, ...missing] });
  }

  /** Shows the state where people look: details always; memo and search attributes when they changed, not too often. */
  publish(always = false): void {
    const seen = this.snapshot();
    setCurrentDetails(detailsOf(seen));
    const shown = `${seen.phase} ${seen.status} ${seen.verdict} ${seen.waits.map((wait) => wait.on).join()}`;
    if (!always && shown === this.shown && Date.now() - this.memoAt < memoEveryMs) return;
    upsertMemo({ glance: glance(seen) });
    if (shown !== this.shown) {
      upsertSearchAttributes([
        { key: keys.plan, value: seen.plan },
        { key: keys.phase, value: String(seen.phase) },
        { key: keys.verdict, value: seen.verdict },
      ]);
    }
    this.memoAt = Date.now();
    this.shown = shown;
  }
}

/** `undone`: what a rollback that waits for it undoes. */
function missingWorker(machine: string, step: string, undone?: Scope): Omit<Wait, 'since'> {
  const ofAll = undone === 'all' ? '' : ', which undoes everything,';
  const gone = undone ? `, or hubshift rollback --without ${machine}${ofAll} if it does not come back` : '';
  return { on: `the worker of ${machineId(machine)}`, step, command: `hubshift worker --machine ${machine}${gone}` };
}
