// What every activity of a machine gives back, result or error, leaves the machine without its secrets.
import type { ActivityInterceptors } from '@temporalio/worker';
import { redact, redactError } from '../plan/secrets/redact.ts';

export function redactInterceptor(): ActivityInterceptors {
  return {
    inbound: {
      async execute(input, next) {
        try {
          return redact(await next(input));
        } catch (error) {
          throw redactError(error);
        }
      },
    },
  };
}
