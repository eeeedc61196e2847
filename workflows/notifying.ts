// Tells people beside everything else: each notice once over each of its channels. A channel that is dead stops nothing, and is shown.
import { CancellationScope, condition, proxyActivities } from '@temporalio/workflow';
import type { NotifyActivities } from '../activities/notify.ts';
import { controlQueue } from '../plan/names.ts';
import { channelsFor, type Notice, type NoticeKind } from '../plan/notice.ts';
import type { Plan } from '../plan/plan.ts';
import type { WeekState } from '../plan/state.ts';
import { failureText } from './activities.ts';

const { notify } = proxyActivities<NotifyActivities>({
  taskQueue: controlQueue,
  startToCloseTimeout: '30s',
  retry: { initialInterval: '2s', backoffCoefficient: 3, maximumInterval: '1m', maximumAttempts: 5 },
});

/** Of what was told so many are kept. */
const keptAtMost = 100;

type State = Pick<WeekState, 'run' | 'outbox' | 'told'>;

export class Notifying {
  private underWay = 0;

  constructor(private readonly week: { plan: Plan; state: State }) {}

  /** What another page of the history left. */
  resume(): void {
    for (const { channel, notice } of this.week.state.outbox) this.send(channel, notice);
  }

  /** Does nothing for what was told already: `about` names it within the run, and ends with what of it is told (incident-1/begin). */
  tell(kind: NoticeKind, about: string, title: string, text: string, resolved = false): void {
    const { plan, state } = this.week;
    const id = `${state.run}/${about}`;
    if (state.outbox.some(({ notice }) => notice.id === id) || state.told.some(({ notice }) => notice === id)) return;
    const notice: Notice = { id, kind, title, text, resolved, run: state.run, plan: plan.name, at: Date.now() };
    for (const { name } of channelsFor(plan, kind)) {
      state.outbox.push({ channel: name, notice });
      this.send(name, notice);
    }
  }

  /** Waits until all is told, or the time is over: the rest stays in the outbox. */
  async settled(withinMs: number): Promise<void> {
    await condition(() => this.underWay === 0, withinMs);
  }

  private send(channel: string, notice: Notice): void {
    this.underWay += 1;
    void CancellationScope.nonCancellable(() => this.deliver(channel, notice)).finally(() => (this.underWay -= 1));
  }

  private async deliver(name: string, notice: Notice): Promise<void> {
    const { plan, state } = this.week;
    const channel = plan.notify.channels.find((one) => one.name === name)!;
    const outcome = await notify({ channel, notice }).catch((error: unknown) => ({ result: 'failed' as const, detail: failureText(error) }));
    state.outbox = state.outbox.filter((waiting) => waiting.channel !== name || waiting.notice.id !== notice.id);
    state.told = [...state.told, { notice: notice.id, kind: notice.kind, channel: name, at: Date.now(), ...outcome }].slice(-keptAtMost);
  }
}
