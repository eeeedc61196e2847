// What every activity of a machine gives back, result or error, leaves the machine without its secrets.
import type { ActivityInterceptors } from '@temporalio/worker';
import { namesOf } from '../plan/secrets/ours.ts';
import { redact, redactError } from '../plan/secrets/redact.ts';

export function redactInterceptor(): ActivityInterceptors {
  return {
    inbound: {
      async execute(input, next) {
        const ours = namesOf(input.args);
        try {
          return redact(await next(input), ours);
        } catch (error) {
          throw redactError(error, ours);
        }
      },
    },
  };
}
