// What people do about a week whose execution was ended from outside. Pure.

export function takenUp(run: string): string {
  return `Take it up again with hubshift start --continue ${run}, or undo it with hubshift rollback. Where neither can, hubshift rollback --emergency does on each machine, without the week.`;
}
