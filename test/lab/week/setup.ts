// Around all files of the lab: the lab that they share goes with the last of them, and with a run that is broken off.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { labDown } from '../../../lab/lab.ts';
import { script, userFile } from './lab.ts';

/** Somebody else's, or another run's, stays: `vitest list` comes here, too. */
const isOurs = () => existsSync(userFile) && readFileSync(userFile, 'utf8') === String(process.pid);

export default function setup(): () => Promise<void> {
  // Whoever presses Ctrl-C does not wait: a process of its own takes the lab down.
  const later = () => {
    if (isOurs()) spawn(process.execPath, [script, 'lab', 'down'], { detached: true, stdio: 'inherit' }).unref();
  };
  process.once('exit', later);
  return async () => {
    process.off('exit', later);
    if (isOurs()) await labDown({ report: console.log });
  };
}
