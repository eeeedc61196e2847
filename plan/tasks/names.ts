// The names of the week's tasks, in the order in which they run. A leaf: it imports nothing, so that everything may import it.

export const taskNames = ['preflight', '2A', '2B', '2C', '2D', 'soak'] as const;
export type TaskName = (typeof taskNames)[number];

/** The parts of the week that begin on a day of their own, in their order, and that day. A part is a task, or the rest of one from some row on. */
export const usualDays = {
  '2A': 1,
  '2B': 2,
  '2C': 3,
  '2C.streams': 4,
  '2D': 5,
  '2D.deploy': 6,
  soak: 6,
} satisfies Record<Exclude<TaskName, 'preflight'>, number> & Record<string, number>;
export type Part = keyof typeof usualDays;

export function isPart(name: string): name is Part {
  return name in usualDays;
}
