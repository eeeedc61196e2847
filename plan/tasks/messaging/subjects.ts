// What NATS takes of streams together: names, subjects that are one stream's alone, and times.
import { promDuration } from '../../schema/duration.ts';
import type { Plan } from '../../schema/plan.ts';
import { unique, type Refuse } from '../../schema/refuse.ts';

/** By its own messages the week measures delivery: a stream that takes them would answer them. */
const ofWeek = 'hubshift.measure.>';

export function refuseStreams({ messaging: { streams, healthSubject } }: Plan, refuse: Refuse): void {
  const taken: { subject: string; by: string }[] = [{ subject: ofWeek, by: "the week's own messages" }];
  streams.forEach(({ name, subjects, consumers, maxAge, duplicateWindow }, index) => {
    const at = ['messaging', 'streams', index];
    if (name.includes('.')) refuse([...at, 'name'], 'a name without "." (NATS takes none)');
    consumers.forEach((consumer, place) => {
      if (consumer.includes('.')) refuse([...at, 'consumers', place], 'a name without "." (NATS takes none)');
    });
    unique(consumers, (place) =>
      refuse([...at, 'consumers', place], 'a name that no other consumer of the stream has'),
    );
    if (maxAge < duplicateWindow)
      refuse([...at, 'maxAge'], `at least its duplicateWindow, ${promDuration(duplicateWindow)},`);
    subjects.forEach((subject, place) => {
      const other = taken.find((one) => overlap(one.subject.split('.'), subject.split('.')));
      if (other)
        refuse([...at, 'subjects', place], `a subject of this stream alone: ${other.subject} is that of ${other.by}`);
      taken.push({ subject, by: name });
    });
  });
  if (!streams.some(({ publishes }) => publishes.includes(healthSubject)))
    refuse(['messaging', 'healthSubject'], "one of a stream's publishes");
}

/** Whether something may be published that both take. */
export function overlap(one: string[], other: string[]): boolean {
  const [[first, ...rest], [its, ...others]] = [one, other];
  if (first === undefined || its === undefined) return first === its;
  if (first === '>' || its === '>') return true;
  return (first === its || first === '*' || its === '*') && overlap(rest, others);
}
