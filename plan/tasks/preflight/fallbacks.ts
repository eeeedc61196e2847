// CentralHub as a plan leaves it out: all but where it is.
import { usual, type Fallbacks, type Written } from '../../schema/fallback.ts';
import { eachOfKind } from '../shared/fallbacks.ts';

export function fallbacks(written: Written): Fallbacks {
  return eachOfKind(written, 'central-hub', () => ({ name: usual('centralhub'), port: usual(9000) }));
}
