// Lines of a worker's log.
import { expect, it, vi } from 'vitest';
import { reasonOf, sdkLogger, spell } from '../../workers/log.ts';

it('is one line: time, level, message and facts', () => {
  expect(spell(0, 'INFO', 'activity done', { activityType: 'probe', ms: 12, error: undefined })).toBe(
    '1970-01-01T00:00:00.000Z INFO activity done activityType=probe ms=12',
  );
  expect(spell(0, 'WARN', 'a\n  b', { error: 'said "no"\nand went' })).toBe(
    '1970-01-01T00:00:00.000Z WARN a | b error="said \\"no\\" | and went"',
  );
});

it('shows no secret, in its message nor in a fact', () => {
  expect(spell(0, 'WARN', 'no way to http://bob:hunter2@PC2', { error: 'said {"token":"hunter2"}' })).toMatch(
    /^(?!.*hunter2).*http:\/\/bob:\[secret#\w+\]@PC2 error=.*\[secret#\w+\]/,
  );
});

it('gives an error with its causes, each once', () => {
  const error = new Error('connect failed', { cause: new Error('tcp', { cause: 'connect failed' }) });
  expect(reasonOf(error)).toBe('connect failed: tcp');
  expect(reasonOf('text')).toBe('text');
});

it('lets nothing of the SDK through but what is named, and repeats no warning', () => {
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const logger = sdkLogger();
  logger.warn('failed', { apiKey: 'secret', activityType: 'probe', error: new Error('x'.repeat(500)) });
  logger.warn('failed', { apiKey: 'secret', activityType: 'probe', error: new Error('x'.repeat(500)) });
  logger.info('Worker state changed', { sdkComponent: 'worker' });
  expect(write).toHaveBeenCalledTimes(1);
  const line = String(write.mock.calls[0]?.[0]);
  expect(line).toMatch(/ WARN failed activityType=probe error=x{199}…\n$/);
});
