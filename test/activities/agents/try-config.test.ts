// Pilots' files, tried before the week: what a step would refuse in 2D is told with its line, and nothing is written.
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { checkRights } from '../../../activities/host/rights.ts';
import { ledgerOf } from '../../../activities/ledger/ledger.ts';
import { undo } from '../../../activities/undo/undo.ts';
import { editsOn } from '../../../plan/tasks/preflight/edits.ts';
import { pilotsOf } from '../../../plan/schema/plan.ts';
import { weekPlan } from '../../plan/tasks/plan.ts';
import { agentsRefused } from '../../plan/yaml/others.ts';
import { temporaryMachine } from '../machine.ts';

const nothing = { directories: [], files: [], programs: [], images: [], partition: false, chown: false };
const plan = weekPlan();
const { edits } = editsOn(plan, 'PC2');
const { edit, paths } = edits![0]!;

async function looked(text: string | Buffer) {
  const host = await temporaryMachine();
  await mkdir(host.path('/conf'));
  await writeFile(host.path('/conf/a.yaml'), text);
  const ask = { ...nothing, edits: [{ paths: ['/conf/a.yaml'], edit }] };
  const rights = await checkRights(host, ledgerOf(host, undo), ask);
  expect(await readdir(host.path('/conf'))).toEqual(['a.yaml']);
  return rights.find(({ what }) => what === 'edit of /conf/a.yaml')!;
}

it('are those of all pilots of a machine', () => {
  const here = pilotsOf(plan).filter(({ machine }) => machine === 'PC2');
  expect(paths).toEqual(here.map(({ config }) => config));
  expect(editsOn(plan, 'MainPC').hubFile).toMatchObject({ path: '/mainpc/centralhub/config/prometheus.yml' });
});

it.each(['a: 1 # x', 'environment:\n  PORT: 8080\nfailover_config: {jitter: 2}\n'])(
  'that can be edited are fine: %j',
  async (text) => {
    expect(await looked(text)).toMatchObject({ ok: true, detail: 'can be made' });
  },
);

it.each([
  ...agentsRefused.map(([what, text]): [string, string | Buffer, RegExp] => [
    what,
    text,
    /^\/conf\/a\.yaml on PC2 can't be edited: line \d: /,
  ]),
  ['Latin-1', Buffer.from('a: 1\npassword: "gr\u00fcn"\n', 'latin1'), /^\/conf\/a\.yaml on PC2: line 2: not UTF-8/],
  ['UTF-16', Buffer.from('\uFEFFa: 1\n', 'utf16le'), /^\/conf\/a\.yaml on PC2: line 1: UTF-16/],
] as [string, string | Buffer, RegExp][])('with %s are named', async (_, text, detail) => {
  expect(await looked(text)).toMatchObject({ ok: false, detail: expect.stringMatching(detail) });
});
