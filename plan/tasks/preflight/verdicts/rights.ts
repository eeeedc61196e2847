// Whether each worker may do what its steps need.
import type { Right } from '../../../machine-api/host.ts';
import type { Evaluation } from '../../../week/record.ts';
import { inconclusive, unless, warned } from '../../shared/verdict.ts';

/** `known`: what people should know of the plan beside; `refused`: what no step could do of it, whatever it may. */
export function rightsAreThere(
  found: { machine: string; rights: Right[] }[],
  known: string[] = [],
  refused: string[] = [],
): Evaluation {
  const all = found.flatMap(({ machine, rights }) => rights.map((right) => ({ machine, ...right })));
  if (found.length === 0 || found.some(({ rights }) => rights.length === 0))
    return inconclusive('a machine checked nothing');
  const missing = all.filter((right) => !right.ok);
  return warned(
    unless([...found.flatMap(missingOn), ...refused], `${all.length} rights on ${found.length} machines`, {
      checked: all.length,
      missing: missing.length,
    }),
    missing.length + refused.length > 0 ? [] : [...all.flatMap(({ warning }) => warning ?? []), ...known],
  );
}

/** What is missing of several, as of a file and of its edit, is told once. */
function missingOn({ machine, rights }: { machine: string; rights: Right[] }): string[] {
  const byDetail = new Map<string, string[]>();
  for (const { what, ok, detail } of rights) if (!ok) byDetail.set(detail, [...(byDetail.get(detail) ?? []), what]);
  return [...byDetail].map(([detail, whats]) => `${machine}: ${whats.join(', ')}: ${detail}`);
}
