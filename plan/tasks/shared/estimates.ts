// Estimates as tasks say them, in milliseconds.
import type { TaskPurpose } from '../../schema/purpose.ts';

type Estimate = TaskPurpose['estimate'];

export function minutes(from: number, to: number): Estimate {
  return { from: from * 60_000, to: to * 60_000 };
}

export function hours(from: number, to: number): Estimate {
  return minutes(from * 60, to * 60);
}
