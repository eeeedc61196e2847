// Draws the weeks of one lot after the other, in a process of its own.
import { plan } from '../../client/fixtures.ts';
import { draw, type Lot } from './draw.ts';

process.on('message', ({ seed, lot }: { seed: number; lot: Lot }) => process.send!(draw(plan, seed, lot)));
