// Signals go to one process, whatever a lock, a record or a program tells.
import { afterEach, expect, it, vi } from 'vitest';
import { kill, processId, signal } from '../../../activities/host/process.ts';

afterEach(() => vi.restoreAllMocks());

it.each([0, -1, -4_711, 1, 2.5, NaN, '0' as unknown as number])('is not sent to %s, a group or all', (pid) => {
  const sent = vi.spyOn(process, 'kill').mockReturnValue(true);
  expect(() => signal(pid, 'SIGTERM')).toThrow(`${pid} is no process`);
  kill({ ...processId(process.pid), pid });
  expect(sent).not.toHaveBeenCalled();
});
