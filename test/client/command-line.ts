// The command line, run in the process of the test.
import { vi } from 'vitest';
import { run } from '../../client/cli.ts';

export async function hubshift(...args: string[]): Promise<{ code: unknown; stdout: string; stderr: string }> {
  const out = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const err = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const before = process.exitCode;
  try {
    process.exitCode = 0;
    await run(['node', 'hubshift', ...args]);
    const text = (spy: typeof out) => spy.mock.calls.map(([chunk]) => String(chunk)).join('');
    return { code: process.exitCode, stdout: text(out), stderr: text(err) };
  } finally {
    process.exitCode = before;
    out.mockRestore();
    err.mockRestore();
  }
}
