// Around all files of the lab: the lab that they share goes with the last of them, and with a run that is broken off.
import { spawn } from 'node:child_process';
import { labDown } from '../../../lab/lab.ts';
import { script } from './lab.ts';

export default function setup(): () => Promise<void> {
  // Whoever presses Ctrl-C does not wait: a process of its own takes the lab down.
  const later = () => spawn(process.execPath, [script, 'lab', 'down'], { detached: true, stdio: 'inherit' }).unref();
  process.once('exit', later);
  return async () => {
    process.off('exit', later);
    await labDown({ report: console.log });
  };
}
