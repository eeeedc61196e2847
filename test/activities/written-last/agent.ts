// An agent's file: we back it up, make NAME.new and deploy it, others write any of the three in between; it comes back as whoever wrote last had it, and the agent runs it.
import fc, { type Arbitrary } from 'fast-check';
import { expect } from 'vitest';
import { agentConfigActivities } from '../../../activities/agents/config.ts';
import { deployActivities } from '../../../activities/agents/deploy.ts';
import { applyEdit } from '../../../plan/yaml/edit.ts';
import { plainFile } from '../../plan/yaml/documents.ts';
import { agent, config, startProgram } from '../crash/programs.ts';
import { dualHubEdit } from '../dual-hub.ts';
import { machine, run } from './machine.ts';

const ours = ['back up', 'make new', 'deploy', 'undo'] as const;
const theirs = [
  'edit',
  'edit new',
  'remove new',
  'copy over the backup',
  'copy the backup back',
  'copy new over it',
  'remove the backup',
  'restart',
] as const;

type Turn = { does: (typeof ours)[number] } | { do: (typeof theirs)[number] } | { write: string };

const turn: Arbitrary<Turn> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ does: fc.constantFrom(...ours, 'deploy' as const, 'deploy' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom(...theirs) }) },
  fc.record({ write: plainFile }),
);

/** How often a deployment was done, and refused: for what people had done to NAME.new or the backup, or for no reason of theirs. */
export interface Deployments {
  done: number;
  refusedForTheirs: number;
  refused: number;
}

export const agentIsGivenBack = (counted: Deployments) =>
  fc.asyncProperty(plainFile, fc.array(turn, { maxLength: 8 }), async (original, turns) => {
    const { host, ledger, share, rollback } = await machine();
    const { backupConfig, writeNewConfig } = agentConfigActivities(host, ledger);
    const { deployAgent } = deployActivities(host, ledger);
    const [file, fresh, backup] = [share(config), share(`${config}.new`), share(`${config}.backup`)];
    const change = (step: string) => ({ run, step });
    const spec = { name: 'agent', program: 'agent', config, healthUrl: '', startWithinMs: 1_000 };
    let [byHand, edits] = [false, 0];

    const we: Record<string, () => Promise<unknown>> = {
      'back up': () => backupConfig({ change: change('2D.backup'), config }),
      'make new': () => writeNewConfig({ change: change('2D.agent.new'), config, edit: dualHubEdit }),
      deploy: () =>
        deployAgent({
          change: change('2D.deploy.agent'),
          agent: spec,
          backup: `${config}.backup`,
          edit: dualHubEdit,
        }),
    };
    const copy = async (from: typeof file, to: typeof file) => {
      const text = from.read();
      if (text !== null) await to.write(text);
    };
    const they = {
      edit: () => file.write(`${file.read()}\n# by hand ${(edits += 1)}\n`),
      'edit new': async () => {
        byHand = fresh.read() !== null;
        if (byHand) await fresh.write(`${fresh.read()}\n# by hand ${(edits += 1)}\n`);
      },
      'remove new': () => fresh.remove(),
      'copy over the backup': () => copy(file, backup),
      'copy the backup back': () => copy(backup, file),
      'copy new over it': () => copy(fresh, file),
      'remove the backup': () => backup.remove(),
      restart: async () => void (await startProgram(host, 'agent')),
    };

    async function weDo(what: string): Promise<void> {
      const [found, ran] = [file.read()!, agent.runs()];
      const refusal = await file
        .ours(() => fresh.ours(we[what]!))
        .then(
          () => null,
          (error: Error) => error,
        );
      if (refusal) {
        expect(refusal, refusal.stack).toMatchObject({
          type: expect.stringMatching(/^File|^Config|CheckRefuses|BackupDiffers/),
        });
        expect(file.read()).toBe(found);
        expect(agent.runs()).toBe(ran);
        if (what === 'deploy') counted[byHand || backup.read() === null ? 'refusedForTheirs' : 'refused'] += 1;
      } else if (what === 'deploy') {
        expect(file.read()).toBe(fresh.read());
        expect(agent.runs()).toBe(file.read());
        if (!byHand) expect(file.read()).toBe(applyEdit(found, dualHubEdit));
        counted.done += 1;
      } else if (what === 'make new') byHand = false;
    }

    async function givenBack(scope: 'all' | { agent: string }): Promise<void> {
      const [expected, found] = [file.undone(), file.read()];
      await rollback(scope);
      expect(file.read()).toBe(expected);
      if (expected !== found) expect(agent.runs()).toBe(expected);
    }

    await file.write(original);
    agent.goesOn(original);
    await weDo('back up');
    await weDo('make new');
    for (const one of turns) {
      if ('write' in one) await file.write(one.write);
      else if ('do' in one) await they[one.do]();
      else if (one.does === 'undo') await givenBack({ agent: 'agent' });
      else await weDo(one.does);
    }
    const expected = fresh.undone();
    await givenBack('all');
    if (expected !== null) expect(fresh.read()).toBe(expected);
  });
