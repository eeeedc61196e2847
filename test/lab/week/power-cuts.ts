// A week in which PC2 loses its power, again and again: what a person answers then, and what must be true of every row.
import { setTimeout } from 'node:timers/promises';
import { expect } from 'vitest';
import { loadPlan } from '../../../client/plan-file.ts';
import { workOf } from '../../../plan/report/report.ts';
import { kindOf } from '../../../plan/tasks/steps.ts';
import { hubshift, isStatus, must, progress, report, rolledBack, type Look } from './lab.ts';
import { powerCut } from './power.ts';
import { seeded } from './seeded.ts';

const minutes = 60_000;
const offMs = 20_000;
const reason = 'the power cut of PC2';

/** What a row says of a cut that it saw: the machine; or another process, a start, a time without samples, a connection that nobody took. */
const namesTheCut = [
  /\bPC2\b/i,
  /\bhad pid \d+, has (?:\d+|none)\b/,
  /\bwas restarted\b/,
  /\bdown in \d+ samples in a row\b/,
  /\bno sample was taken\b|\bobserved for .+ of /,
  /\bECONN(?:REFUSED|RESET)\b|\bEHOSTUNREACH\b|\bETIMEDOUT\b/,
];

const doneIn = ({ snapshot }: Look) => (snapshot?.tasks ?? []).reduce((sum, { done }) => sum + done, 0);

/** To the gate through so many cuts; what was answered to a week that was held. Each row is tried again once; then a step is skipped, and what was looked at is accepted. */
export async function throughPowerCuts(seed: number, count: number): Promise<string[]> {
  const random = seeded(seed);
  const { plan } = loadPlan({});
  const answered: string[] = [];
  await must('start', '--yes', '--rehearsal', '10000');
  const rows = workOf(await report()).length;
  const cuts = Array.from({ length: count }, () => Math.floor(random() * rows * 0.95)).sort((a, b) => a - b);

  /** A person who answers whatever the week waits for. */
  const until = async (wanted: (seen: Look) => boolean): Promise<void> => {
    const asks = ({ snapshot }: Look) =>
      snapshot?.waits.find(({ on, command }) => on === 'a person' && /retry|resume/.test(command ?? ''));
    for (const endsAt = Date.now() + 10 * minutes; Date.now() < endsAt; await setTimeout(500)) {
      const seen = await progress();
      // A week that nobody could ask, or whose look is an answer old, does not say what it waits for.
      if (!seen?.snapshot) continue;
      if (wanted(seen)) return;
      const asked = asks(seen);
      if (!asked) continue;
      const { step } = asked;
      const answer =
        step === 'emergency'
          ? ['resume']
          : answered.includes(`retry ${step}`)
            ? [kindOf(plan, step) === 'step' ? 'skip' : 'accept', step, '--reason', reason]
            : ['retry', step];
      console.log(`${seen.snapshot?.held?.reason}: ${answer.join(' ')}`);
      await must(...answer);
      answered.push(answer.slice(0, 2).join(' '));
    }
    throw new Error(`Not there within 10 minutes; answered: ${answered.join(', ')}`);
  };

  for (const done of cuts) {
    await until((seen) => doneIn(seen) >= done || isStatus('deciding')(seen));
    await setTimeout(random() * 2_000);
    const seen = await progress();
    console.log(
      `power cut after ${seen && doneIn(seen)} rows (wanted ${done}): ${seen?.snapshot?.running.map(({ id }) => id).join(', ')}`,
    );
    await powerCut('PC2', offMs);
  }
  await until(isStatus('deciding'));
  return answered;
}

/** Every row ends as without a cut, or its record names one: not only the person who let the week go on. */
export async function rowsNameTheCut(answered: string[]): Promise<void> {
  const others = workOf(await report()).filter(({ verdict }) => verdict !== 'pass');
  const told = others.map(({ id, verdict, summary, evidence }) => ({
    row: `${id}: ${verdict}: ${summary}`,
    found: `${summary} ${JSON.stringify(evidence)}`,
  }));
  for (const { row } of told) console.log(row);
  expect(told.filter(({ found }) => !namesTheCut.some((kind) => kind.test(found))).map(({ row }) => row)).toEqual([]);
  console.log(`answered: ${answered.join(', ') || 'nothing'}`);
}

/** A bystander has another process since: the way back names it, and ends once a person has accepted that. */
export async function rollBackAccepting(): Promise<void> {
  expect(await hubshift('rollback', '--reason', 'the test is over')).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/left 1 failures: 2D\.undo\.verify: others: \S+ had pid \d+, has \d+\./),
  });
  await must('accept', '2D.undo.verify', '--reason', reason);
  await rolledBack(minutes);
  expect((await report()).requirements.find(({ id }) => id === '2D.undo.verify')).toMatchObject({
    verdict: 'fail',
    waived: { as: 'accepted', reason },
  });
}
