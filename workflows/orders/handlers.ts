// What people can say to a week and ask of it, with the reasons to refuse. Handlers only place an order or read the state.
import { patched, setHandler } from '@temporalio/workflow';
import * as messages from './messages.ts';
import { foundIn, speaksAgainst } from '../../plan/evidence/findings.ts';
import { kindOf } from '../../plan/tasks/steps.ts';
import { metricsView } from '../../plan/week/metrics-view.ts';
import { endedStatuses, type WeekState } from '../../plan/week/state.ts';
import { Week } from '../week.ts';
import { type Order, takenAtMost } from '../../plan/week/order.ts';
import { pageOf } from '../../plan/week/paging.ts';
import { keepPast, supersede } from './records.ts';
import {
  type Asked,
  longIn,
  refuseAck,
  refuseDecision,
  refuseEmergency,
  refuseLong,
  refuseMany,
  refuseMoreDecisions,
  refuseNote,
  refuseOrder,
  refuseOther,
  refuseTakeOver,
} from './validators.ts';

/** A week that listens. */
export function setUp(state: WeekState): Week {
  const week = new Week(state);
  // Of the history before this one.
  for (const order of state.orders ?? []) week.order(order);
  delete state.orders;
  const refuse = (asked: Asked) => {
    refuseOther(state, asked);
    // The way back is open at every moment.
    if (asked.kind !== 'rollback') refuseMany(week.waitingOrders);
    refuseOrder(state, asked);
  };
  const place = (answer: string, order: Order) => {
    // A person has looked: what was mended automatically may be again.
    delete state.mended;
    delete state.again;
    week.order(order);
    return answer;
  };
  setHandler(
    messages.pause,
    ({ by, reason }) => place('The week pauses; hubshift resume lets it go on.', { kind: 'pause', by, reason }),
    { validator: (said) => refuse({ kind: 'pause', ...said }) },
  );
  setHandler(messages.resume, ({ by }) => place('The week goes on.', { kind: 'resume', by }), {
    validator: (said) => refuse({ kind: 'resume', ...said }),
  });
  setHandler(messages.retry, ({ by, step }) => place(`${step} is done again.`, { kind: 'retry', by, step }), {
    validator: (said) => refuse({ kind: 'retry', ...said }),
  });
  setHandler(
    messages.skip,
    ({ by, step, reason }) =>
      place(`${step} is waived; this stands in the way of a GO.`, { kind: 'skip', by, step, reason }),
    { validator: (said) => refuse({ kind: 'skip', ...said }) },
  );
  setHandler(
    messages.accept,
    ({ by, row, reason }) => {
      const what =
        kindOf(state.plan, row) === 'undo' && !state.rollback?.wentOn
          ? 'does not hold up the end any more'
          : speaksAgainst(state, row) || !week.findingsStay
            ? 'stands in the way of a GO'
            : 'does not stand in the way of a GO';
      const found = foundIn(state, row);
      return place(`${row} is accepted as it was found; it ${what}.`, { kind: 'accept', by, row, reason, found });
    },
    { validator: (said) => refuse({ kind: 'accept', ...said }) },
  );
  setHandler(
    messages.release,
    ({ by, row, reason }) => {
      // Who lets it go is there: what comes of it is asked of people again.
      delete state.again;
      (state.letGo ??= []).push({ row, by, reason, at: Date.now() });
      week.notifying.tell('phase', `release/${row}/${Date.now()}`, `${row} is not waited for`, `${by}: ${reason}`);
      week.publish();
      return `${row} is not waited for any more.`;
    },
    { validator: (said) => refuse({ kind: 'release', ...said }) },
  );
  setHandler(
    messages.rollback,
    ({ by, scope, reason, without }) => {
      const answer = state.status === 'rolling back' ? rollsAlready(state, without) : 'The rollback begins.';
      return place(answer, { kind: 'rollback', by, scope, reason, ...goneWithout(without) });
    },
    { validator: (said) => refuse({ kind: 'rollback', ...said }) },
  );
  setHandler(
    messages.takeOver,
    ({ queue }) => {
      week.order({ kind: 'continue-as-new', queue });
      return `The week goes on in a new history, on ${queue}.`;
    },
    { validator: (asked) => refuseTakeOver(state, asked) },
  );
  setHandler(
    messages.emergency,
    ({ level, component, agent, by, from, reason, without }) => {
      const call = { trigger: { automatic: false, by, from, reason }, at: Date.now() };
      if (level === 3)
        return place(
          state.status === 'rolling back' ? joins(state, without) : 'Level 3 begins: everything is undone.',
          {
            kind: 'rollback',
            by,
            scope: 'all',
            reason,
            emergency: call,
            ...goneWithout(without),
          },
        );
      if (level === 2)
        return place(`Level 2 begins: ${agent} is restored.`, { kind: 'repair', level, agent: agent!, ...call });
      return place(
        component
          ? `Level 1 begins: ${component} is restarted.`
          : 'Level 1 begins: the failing component is looked for and restarted.',
        { kind: 'repair', level, component, ...call },
      );
    },
    {
      validator: (asked) => {
        refuseOther(state, asked);
        if (asked?.level !== 3) refuseMany(week.waitingOrders);
        refuseEmergency(state, asked);
      },
    },
  );
  setHandler(
    messages.note,
    (note) => {
      takeNote(state, note);
      return `${note.incident} is noted.`;
    },
    {
      validator: (asked) => {
        refuseOther(state, asked);
        refuseNote(state, asked);
      },
    },
  );
  setHandler(
    messages.ack,
    ({ what, by, from }) => {
      const { held } = state;
      const answered = week.paging.acknowledge(what, by, from);
      week.publish();
      const waits = held !== undefined && answered.includes(pageOf(held));
      const ends = waits && held.deadline !== undefined ? ', and its deadline does nothing' : '';
      return `${answered.join(', ')}: nobody is called any more${ends}.${waits ? ' The week waits.' : ''}`;
    },
    {
      validator: (asked) => {
        refuseOther(state, asked);
        refuseAck(state, asked);
      },
    },
  );
  setHandler(messages.ledgerClosed, ({ run }) => {
    if (run !== state.run || endedStatuses.includes(state.status)) return;
    // One of everything does the same; one of a part did not heed it in a history of before.
    const heeded = state.status !== 'rolling back' || (state.rollback?.scope !== 'all' && patched('closings-overtake'));
    if (heeded) week.order({ kind: 'closed' });
  });
  const decided = (decision: messages.Decision) => {
    const approval = { ...decision, at: Date.now() };
    delete approval.run;
    delete approval.planDigest;
    keepPast(
      state,
      (said) => said.decision === 'go' && said.evidence !== state.evidence?.digest,
      takenAtMost.decisions,
    );
    if (week.findingsStay) supersede(state, approval.by);
    state.approvals.push(approval);
    delete state.facts['gate.refused'];
    week.order({ kind: 'decided' });
    return decision.decision === 'go' ? 'Your GO is on record.' : 'Your NO-GO is on record.';
  };
  setHandler(messages.approve, decided, {
    validator: (decision) => {
      refuseOther(state, decision);
      refuseLong(decision);
      refuseMoreDecisions(state, decision);
      refuseDecision(state, decision, !week.findingsStay);
    },
  });
  setHandler(messages.approveSignal, (decision) => {
    try {
      if (longIn(decision) && patched('long-reasons-are-refused')) refuseLong(decision);
      refuseDecision(state, decision, !week.findingsStay);
      if (week.findingsStay) refuseMoreDecisions(state, decision);
    } catch (error) {
      week.keep('gate.refused', { at: Date.now(), why: (error as Error).message });
      week.publish();
      return;
    }
    decided(decision);
  });
  week.notifying.resume();
  setHandler(messages.progress, () => week.snapshot());
  setHandler(messages.metricsView, () => metricsView(state, week.snapshot()));
  setHandler(messages.state, () => state);
  week.publish(true);
  return week;
}

/** Of an order without any it says nothing, as before. */
function goneWithout(without: string[] = []): { without?: string[] } {
  return without.length > 0 ? { without } : {};
}

function joins(state: WeekState, without?: string[]): string {
  return state.rollback?.scope === 'all'
    ? `The rollback that runs is level 3 from now on${without ? `, and goes on without ${without.join(', ')}` : ''}.`
    : 'Level 3 begins: the rollback that runs, of a part, is broken off.';
}

function rollsAlready({ rollback }: WeekState, without: string[] = []): string {
  return rollback?.scope === 'all'
    ? `The rollback that runs goes on without ${without.join(', ')}.`
    : 'The rollback begins: the one that runs, of a part, is broken off.';
}

export function takeNote(
  { incidents }: WeekState,
  { incident: id, cause, prevention }: Omit<messages.Note, keyof messages.Speaker>,
): void {
  const noted = incidents.find((one) => one.id === id);
  if (noted && cause?.trim()) noted.cause = cause;
  if (noted && prevention?.trim()) noted.prevention = prevention;
}
