// Counts under the machine's lock: count LOCK FILE TIMES. Reads and writes with a pause between, so that two at once lose counts.
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { withLock } from '../../../activities/ledger/lock.ts';

const [lock = '', file = '', times] = process.argv.slice(2);
for (let count = 0; count < Number(times); count += 1) {
  await withLock(lock, 'counting', { waitMs: 60_000 }, async () => {
    const before = Number(readFileSync(file, 'utf8'));
    await setTimeout(2);
    writeFileSync(file, String(before + 1));
  });
}
