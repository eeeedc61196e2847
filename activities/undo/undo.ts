// Takes one ledger entry back. Each undo looks first, can be repeated, and can be killed half-way; none depends on another machine.
import type { Host } from '../context/host.ts';
import { isActive, lift } from '../faults/fault.ts';
import { mustHaveVolume } from '../files/volumes.ts';
import type { Entry } from '../ledger/journal.ts';
import type { Outcome, Round } from '../ledger/rollback.ts';
import { restoreAgent } from './agent.ts';
import { removeOwnContainer } from './container.ts';
import { removeDirectory } from './directory.ts';
import { restoreEnvironment } from './environment.ts';
import { restoreFormer } from './former-container.ts';
import { restoreFile } from './file.ts';
import { containersIn } from './removed.ts';

/** Throws when it could not: the entry stays open. */
export async function undo(host: Host, entry: Entry, round: Round): Promise<Outcome> {
  const planned = entry.undo;
  await mustHaveVolume(host, planned);
  switch (planned.kind) {
    case 'directory.remove':
      return removeDirectory(host, planned, entry, round);
    case 'container.remove':
      return removeOwnContainer(host, planned, entry, round);
    case 'container.restore':
      return restoreFormer(host, planned, entry, round);
    case 'file.restore':
      return restoreFile(host, planned, entry, round);
    case 'agent.restore':
      return restoreAgent(host, planned, entry, round);
    case 'environment.restore':
      return restoreEnvironment(host, planned, entry, round);
    case 'stream.delete': {
      // Loaded when it is wanted: the start of an emergency command counts.
      const { deleteStream } = await import('./stream.ts');
      return deleteStream(host, planned, containersIn(round), round);
    }
    case 'consumer.delete': {
      const { deleteConsumer } = await import('./stream.ts');
      return deleteConsumer(host, planned, round);
    }
    case 'fault.lift': {
      if (round.dryRun) return { result: (await isActive(host, planned.fault)) ? 'undone' : 'already' };
      const { lifted, unreadable } = await lift(host, planned.fault, containersIn(round));
      return { result: lifted ? 'undone' : 'already', ...(unreadable ? { detail: unreadable } : {}) };
    }
  }
}
