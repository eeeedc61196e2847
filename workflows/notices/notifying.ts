// Tells people beside everything else: each notice once over each of its channels. A channel that is dead stops nothing, and is shown.
import { CancellationScope, condition, proxyActivities } from '@temporalio/workflow';
import type { NotifyActivities } from '../../activities/control/notify.ts';
import { namesOf } from '../../plan/secrets/ours.ts';
import {
  type Channel,
  channelsFor,
  type Notice,
  type NoticeKind,
  routedAs,
  subjectOf,
} from '../../plan/week/notice.ts';
import { isPage, reaches } from '../../plan/week/paging.ts';
import { planId } from '../../plan/names.ts';
import type { Plan } from '../../plan/schema/plan.ts';
import type { WeekState } from '../../plan/week/state.ts';
import { failureText } from '../machine/failures.ts';

/** With these intervals five attempts take a minute and a half, and each further one a minute. */
const trying = (maximumAttempts: number) =>
  proxyActivities<NotifyActivities>({
    startToCloseTimeout: '30s',
    retry: { initialInterval: '2s', backoffCoefficient: 3, maximumInterval: '1m', maximumAttempts },
  });

const usual = trying(5);
/** An emergency and a page must be heard of though a channel is out of order for half an hour. */
const patient = trying(33);

/** Of what was told so many are kept. */
const keptAtMost = 100;
/** And so many names of it: far more than a run has tasks, holds, incidents and reminders. */
const announcedAtMost = 1_000;

type State = Pick<WeekState, 'run' | 'outbox' | 'told' | 'announced' | 'paged'>;

/** `to`: not those of the kind's route. */
type More = Partial<Pick<Notice, 'resolved' | 'since' | 'commands' | 'acknowledgedBy'>> & { to?: Channel[] };

export class Notifying {
  private underWay = 0;
  /** Outside of what an order cancels. */
  private readonly scope = new CancellationScope({ cancellable: false });

  constructor(private readonly week: { plan: Plan; state: State }) {}

  /** What the history before this one left. */
  resume(): void {
    for (const { channel, notice } of this.week.state.outbox) this.send(channel, notice);
  }

  /** Does nothing for what was told already: `about` names it within the run, and ends with what of it is told (incident-1/begin). */
  tell(kind: NoticeKind, about: string, title: string, text: string, more: More = {}): void {
    const { state } = this.week;
    if (state.announced.includes(about)) return;
    state.announced = [...state.announced, about].slice(-announcedAtMost);
    this.put(kind, about, title, text, more);
  }

  /** What was told before, over the channels that have taken that, or refused it: one that is being tried has it still to tell. */
  tellAgain(kind: NoticeKind, about: string, title: string, text: string, { to, ...more }: More): void {
    const { run, outbox } = this.week.state;
    const subject = subjectOf({ id: `${run}/${about}` });
    const isTried = ({ name }: Channel) =>
      outbox.some(({ channel, notice }) => channel === name && subjectOf(notice) === subject);
    this.put(kind, about, title, text, { ...more, to: to?.filter((channel) => !isTried(channel)) });
  }

  private put(of: NoticeKind, about: string, title: string, text: string, { to, ...more }: More): void {
    const { plan, state } = this.week;
    const kind = routedAs(plan, of);
    const notice: Notice = {
      id: `${state.run}/${about}`,
      kind,
      title,
      text,
      resolved: false,
      ...more,
      run: state.run,
      plan: planId(plan),
      at: Date.now(),
    };
    for (const { name } of to ?? channelsFor(plan, kind)) {
      state.outbox.push({ channel: name, notice });
      this.send(name, notice);
    }
  }

  /** Waits until all is told, the time is over, or something is `urgent`: the rest stays in the outbox. */
  async settled(withinMs: number, urgent: () => boolean = () => false): Promise<void> {
    await condition(() => this.underWay === 0 || urgent(), withinMs);
  }

  private send(channel: string, notice: Notice): void {
    this.underWay += 1;
    void this.scope.run(() => this.deliver(channel, notice)).finally(() => (this.underWay -= 1));
  }

  private async deliver(name: string, notice: Notice): Promise<void> {
    const { plan, state } = this.week;
    const channel = plan.notify.channels.find((one) => one.name === name)!;
    const { notify } = notice.kind === 'level-1' || isPage(notice.kind) ? patient : usual;
    // In order: what closes an incident before it is opened would leave it open.
    const first = () =>
      state.outbox.find((waiting) => waiting.channel === name && subjectOf(waiting.notice) === subjectOf(notice))
        ?.notice.id;
    if (first() !== notice.id) await condition(() => first() === notice.id);
    const outcome = await notify({ channel, notice, names: [...namesOf(plan)] }).catch((error: unknown) => ({
      result: 'failed' as const,
      detail: failureText(error),
    }));
    state.outbox = state.outbox.filter((waiting) => waiting.channel !== name || waiting.notice.id !== notice.id);
    const page = state.paged?.find(({ about }) => subjectOf(notice) === `${state.run}/${about}`);
    if (page && outcome.result === 'sent' && reaches(plan, channel)) page.took = true;
    state.told = [
      ...state.told,
      { notice: notice.id, kind: notice.kind, channel: name, at: Date.now(), ...outcome },
    ].slice(-keptAtMost);
  }
}
