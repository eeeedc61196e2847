// Which machine is meant: the one of a plan, and no other of its name.
import { expect, it } from 'vitest';
import { meant, whyNotMeant, type MeantMachine } from '../../../plan/machine-api/meant.ts';

const own: MeantMachine = { machine: 'PC2', address: '10.0.0.2' };

it.each<[string, MeantMachine, MeantMachine | undefined]>([
  ['it is this one', own, own],
  ['in another case and spelling', { machine: 'PC2', address: 'fd00::2' }, { machine: 'pc2', address: 'FD00:0::2' }],
  ['of the same site', { ...own, site: 'berlin' }, { ...own, site: 'berlin' }],
  ['a week of before does not say it', own, undefined],
  ['a client of before knows no address', own, { machine: 'PC2' }],
])('is done where %s', (_, here, asked) => expect(whyNotMeant(here, asked)).toBeUndefined());

it.each<[string, MeantMachine, MeantMachine, string]>([
  ['at another address', own, { ...own, address: '10.9.9.9' }, 'that of PC2 at 10.0.0.2, and PC2 at 10.9.9.9 is meant'],
  ['of a site, and this one has none', own, { ...own, site: 'berlin' }, 'and PC2 at 10.0.0.2 of site berlin is meant'],
  [
    'of no site, and this one has one',
    { ...own, site: 'berlin' },
    own,
    'PC2 at 10.0.0.2 of site berlin, and PC2 at 10',
  ],
  ['of another site', { ...own, site: 'berlin' }, { ...own, site: 'paris' }, 'of site paris is meant'],
  ['of another name', own, { ...own, machine: 'PC3' }, 'and PC3 at 10.0.0.2 is meant'],
])('is refused where it is one %s', (_, here, asked, said) => {
  expect(whyNotMeant(here, asked)).toContain(said);
  expect(whyNotMeant(here, asked)).toMatch(
    /: give it the plan of that week, and restart it; or, .* a "site" of its own$/,
  );
});

it('is told by the plan', () => {
  const machines = [{ name: 'PC2', address: '10.0.0.2' }];
  expect(meant({ machines }, 'PC2')).toEqual({ machine: 'PC2', address: '10.0.0.2', site: undefined });
  expect(meant({ machines: [], site: 'berlin' }, 'PC2')).toEqual({ machine: 'PC2', site: 'berlin' });
});
