// A refusal: what was asked for can't be had from what is there, and people have to mend that first.
import { ApplicationFailure } from '@temporalio/common';
import type { RefusalCode } from '../../plan/machine-api/refusals.ts';

/** `message` says what, where and how to mend it. Never tried again by itself. */
export function refusal(code: RefusalCode, message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, code);
}

/** It says all there is to say already. */
export function isRefusal(error: unknown): boolean {
  return error instanceof ApplicationFailure;
}
