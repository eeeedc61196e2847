// What people do about a week that nobody answers for. Pure.
import { isOfAllBuilds } from '../../plan/names.ts';
import { heardWithinMs } from '../../plan/worker-identity.ts';

/** `workers`: who serves the week's queue. */
export function unanswered(queue: string, workers: readonly string[]): string {
  if (workers.length > 0)
    return `Its queue ${queue} is served by ${workers.join(', ')}, which does not answer: look at its log. One that was killed is listed for ${heardWithinMs / 1000} s.`;
  if (isOfAllBuilds(queue)) return 'The week goes on when a worker is there and well: hubshift worker --control';
  return `Nobody serves its queue ${queue}, which is that of one build. Any control worker without --beside serves it too when it has replayed the week, and says in its log that it does or why not: hubshift worker --control`;
}
