// The rows of the preflight.
import type { Plan } from '../../schema/plan.ts';
import { check, type Row } from '../row.ts';
import { limitsWanted } from './limits.ts';

export const rows = (plan: Plan): Row[] => [
  check('preflight.machines', 'every machine has a worker of one build, with its clock right'),
  check('preflight.topology', 'what the messaging topology cannot survive is said', { toldAs: 'risk' }),
  check('preflight.rollback-ready', 'every undo has what it needs'),
  check('preflight.rights', 'each worker may do what its steps need'),
  // Plans without limits have no such row.
  ...(limitsWanted(plan).length > 0 ? [check('preflight.limits', 'each machine has what its containers may use')] : []),
  check('preflight.names', 'names resolve on every machine and inside its containers'),
  check('preflight.images', 'each image tag is resolved once for the whole run'),
  check('preflight.judges', 'no judge passes a sample that is known to be bad'),
  check('preflight.agent-contract', 'what each agent can show is known'),
  check('preflight.baseline', 'response times, CPU, memory and network before the first change', {
    toldAs: 'performance',
  }),
];
