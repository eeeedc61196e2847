// Verdicts of those whom the week must not disturb: hubs' targets, agents, bystanders.
import type { Target } from '../../machine-api/prometheus.ts';
import type { Bystanders } from '../../week/facts.ts';
import type { Evaluation } from '../../week/record.ts';
import { targetName } from './targets.ts';
import { inconclusive, unless, unlessSeen } from './verdict.ts';

/** Targets of CentralHub, and agents asked directly. */
export interface Health {
  /** Null where CentralHub is on a machine that is gone. */
  targets: Target[] | null;
  /** Why it gave none. */
  error?: string;
  agents: { name: string; ok: boolean; error?: string; unknown?: true }[];
}

/** Names of targets that are not up and of agents that are not healthy. */
export function whoIsUnwell({ targets, agents }: Health): string[] {
  return [
    ...(targets ?? []).filter(({ health }) => health !== 'up').map(targetName),
    ...agents.filter(({ ok }) => !ok).map(({ name }) => `agent ${name}`),
  ];
}

/** Names of the targets that are up. */
export function whoIsUp(targets: Target[]): string[] {
  return targets.filter(({ health }) => health === 'up').map(targetName);
}

/** Nobody who was well before is unwell or gone now; `before` are the unwell of then, `wereUp` the targets that were up, where that is known. */
export function noWorse(before: string[], wereUp: string[] = []) {
  return (found: Health): Evaluation => {
    const { targets, agents, error } = found;
    if (targets?.length === 0 || agents.length === 0)
      return inconclusive(`no targets or no agents were looked at${error === undefined ? '' : `: ${error}`}`);
    const stillUnwell = whoIsUnwell(found).filter((name) => before.includes(name));
    const unwell = agents.filter(({ name, ok }) => !ok && !before.includes(`agent ${name}`));
    const said = ({ name, error }: Health['agents'][number]) => `agent ${name}: ${error ?? 'not healthy'}`;
    return unlessSeen(
      [
        ...(targets ?? [])
          .filter((target) => target.health !== 'up' && !before.includes(targetName(target)))
          .map((target) => `${targetName(target)} is ${target.health}`),
        ...unwell.filter(({ unknown }) => !unknown).map(said),
        ...(targets ? wereUp.filter((name) => !targets.some((target) => targetName(target) === name)) : [])
          .slice(0, 4)
          .map((name) => `${name} is gone from CentralHub`),
      ],
      unwell.filter(({ unknown }) => unknown).map(said),
      `${targets ? `${targets.length} targets up, ` : ''}${agents.length} agents healthy${stillUnwell.length > 0 ? `, but who was not before the week: ${stillUnwell.slice(0, 4).join(', ')}` : ''}`,
      { targets: targets?.length ?? null, agents: agents.length, unwell: stillUnwell.length },
    );
  };
}

/** Bystanders run with the process ids that they had before the week, CentralHub since the time it had; `wantsHub`: and is found. */
export function undisturbed(
  { before, after }: { before: Bystanders | undefined; after: Bystanders },
  wantsHub = false,
): Evaluation {
  if (!before) return inconclusive('nobody looked before the week');
  const rebooted = Object.keys(before.boots ?? {}).filter(
    (machine) => after.boots?.[machine] !== undefined && after.boots[machine] !== before.boots![machine],
  );
  const found = [
    ...Object.entries(before.programs).map(
      ([name, pid]) =>
        (pid === null || after.programs[name] !== pid) &&
        `${name} had pid ${pid}, has ${after.programs[name] ?? 'none'}`,
    ),
    after.centralStartedAt !== undefined &&
      before.centralStartedAt !== after.centralStartedAt &&
      `CentralHub was restarted at ${after.centralStartedAt}`,
    // The start of a container that is not there is empty, before and after.
    wantsHub &&
      [before.centralStartedAt, after.centralStartedAt].includes('') &&
      "CentralHub's container is not found, so that nobody knows whether it ran through: its name in the plan must be that of its container",
  ];
  return unless(
    // That is why, and no excuse: a person may accept it.
    [...found, found.some(Boolean) && rebooted.length > 0 && `${rebooted.join(', ')} was rebooted since`],
    `${Object.keys(before.programs).length} bystanders${after.centralStartedAt === undefined ? '' : ' and CentralHub'} ran through`,
    { ...before.programs, centralStartedAt: before.centralStartedAt ?? null },
  );
}
