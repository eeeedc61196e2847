// Calls people until somebody answers, or it is over: again and again, and after a while others as well. Beside everything else.
import { CancellationScope, condition } from '@temporalio/workflow';
import { humanDuration } from '../../plan/schema/duration.ts';
import { escalationsOf, isPaging, remindEveryOf } from '../../plan/schema/notify.ts';
import type { Plan } from '../../plan/schema/plan.ts';
import { channelsNamed, type NoticeKind, routedAs } from '../../plan/week/notice.ts';
import { paste } from '../../plan/week/paste.ts';
import { channelsOfPage, type Due, dueNext, isPage, isRead, type Paged, pagingKept } from '../../plan/week/paging.ts';
import type { WeekState } from '../../plan/week/state.ts';
import type { Notifying } from './notifying.ts';

interface Said {
  title: string;
  text: string;
  commands?: string[];
}

export class Paging {
  /** What is told again, of what is being done: a new history says it anew. */
  private readonly said = new Map<string, Said>();
  private isCalling = false;
  private changed = false;
  /** Outside of what an order cancels. */
  private readonly scope = new CancellationScope({ cancellable: false });

  constructor(private readonly week: { plan: Plan; state: WeekState; notifying: Notifying }) {}

  private get open(): Paged[] {
    return this.week.state.paged ?? [];
  }

  /** Tells it, and calls for people if it is of a kind that does. What is open already is the same page. */
  begin(kind: NoticeKind, about: string, { commands = [], ...text }: Said): void {
    const { plan, state, notifying } = this.week;
    const ack = isPage(routedAs(plan, kind)) ? [paste(state, ['ack', about])] : [];
    const said = { ...text, commands: [...commands, ...ack] };
    this.said.set(about, said);
    if (!this.open.some((page) => page.about === about)) {
      if (this.open.length >= pagingKept.open)
        this.close(this.open.find(({ left }) => left) ?? this.open[0]!, 'There are newer ones.');
      const page = { about, kind: routedAs(plan, kind), since: Date.now(), reminded: 0, escalated: 0 };
      state.paged = [...this.open, page];
    }
    notifying.tell(kind, `${about}/begin`, said.title, said.text, { commands: said.commands });
    this.call();
  }

  /** It is over, since it began; `well`: nothing of it is left, else it stays open until the week goes on. */
  end(kind: NoticeKind, about: string, { title, text }: Said, well: boolean, since: number): void {
    const page = this.open.find((one) => one.about === about);
    this.week.notifying.tell(kind, `${about}/end`, title, text, {
      resolved: well,
      since,
      to: page && this.channelsOf(page),
    });
    this.said.delete(about);
    if (well) this.forget(about);
    else if (page) page.left = true;
    this.call();
  }

  /** The week goes on after what held it, and with it is over what was left open until then; or it ends, and everything is. */
  settle(why: string, held?: string): void {
    for (const page of this.open) if (page.left || held === undefined || page.about === held) this.close(page, why);
    this.call();
  }

  private close(page: Paged, why: string): void {
    // A hold that was told as an approval was told once, as before.
    if (isPaging(this.week.plan.notify) && page.kind !== 'approval')
      this.tellOf(page, 'over', 'it is over', why, { resolved: true, since: page.since });
    this.said.delete(page.about);
    this.forget(page.about);
  }

  /** Somebody has answered: nobody is called for it any more. Gives what that is. */
  acknowledge(what: string | undefined, by: string, from: string): string[] {
    const { state } = this.week;
    const answered = this.open.filter((page) => !page.acknowledged && (what === undefined || page.about === what));
    for (const page of answered) {
      page.acknowledged = true;
      const answer = { about: page.about, by, from, at: Date.now() };
      state.acknowledged = [...(state.acknowledged ?? []), answer].slice(-pagingKept.acknowledged);
      this.tellOf(page, 'acknowledged', `${by} has answered`, 'Nobody is called for it any more.', {
        acknowledgedBy: by,
      });
    }
    this.call();
    return answered.map(({ about }) => about);
  }

  private forget(about: string): void {
    this.week.state.paged = this.open.filter((page) => page.about !== about);
  }

  private channelsOf(page: Paged) {
    return channelsOfPage(this.week.plan, page);
  }

  private tellOf(page: Paged, what: string, title: string, text: string, more: Parameters<Notifying['tell']>[4]): void {
    const { plan, notifying } = this.week;
    const opened = this.said.get(page.about)?.title ?? `${plan.title}: ${page.about}`;
    notifying.tell(page.kind, `${page.about}/${what}`, `${opened}: ${title}`, text, {
      to: this.channelsOf(page),
      ...more,
    });
  }

  /** Wakes what calls, or begins it. A week that began under an earlier build asks for no timer. */
  private call(): void {
    this.changed = true;
    if (this.isCalling || !isPaging(this.week.plan.notify) || !this.next()) return;
    this.isCalling = true;
    void this.scope.run(() => this.calling()).finally(() => (this.isCalling = false));
  }

  private async calling(): Promise<void> {
    for (let next = this.next(); next; next = this.next()) {
      this.changed = false;
      if (await condition(() => this.changed, Math.max(1, next.at - Date.now()))) continue;
      if (next.then === 'escalate') this.escalate(next.page);
      else this.remind(next.page);
    }
  }

  /** The page that is due first, of those of which it is known what they say. */
  private next(): Due | undefined {
    return this.open
      .filter(({ about, kind }) => isPage(kind) && this.said.has(about))
      .flatMap((page) => dueNext(this.week.plan, page) ?? [])
      .sort((a, b) => a.at - b.at)[0];
  }

  private remind(page: Paged): void {
    const every = remindEveryOf(this.week.plan.notify)!;
    page.reminded = Math.max(page.reminded + 1, Math.floor((Date.now() - page.since) / every));
    const { title, text, commands } = this.said.get(page.about)!;
    this.week.notifying.tellAgain(page.kind, `${page.about}/reminder-${page.reminded}`, `${title} (a reminder)`, text, {
      commands,
      // What shows it shows it still.
      to: this.channelsOf(page).filter((channel) => isRead(this.week.plan, channel)),
    });
  }

  private escalate(page: Paged): void {
    const { plan, notifying } = this.week;
    const { after, to } = escalationsOf(plan.notify)[page.escalated]!;
    const known = this.channelsOf(page);
    page.escalated += 1;
    const { title, text, commands } = this.said.get(page.about)!;
    notifying.tell(
      page.kind,
      `${page.about}/escalated-${page.escalated}`,
      title,
      `Nobody has answered for ${humanDuration(after)}. ${text}`,
      {
        commands,
        to: channelsNamed(plan.notify, to).filter((channel) => !known.includes(channel)),
      },
    );
  }
}
