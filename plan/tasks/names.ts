// The names of the week's tasks, in the order in which they run. A leaf: it imports nothing, so that everything may import it.

export const taskNames = ['preflight', '2A', '2B', '2C', '2D', 'soak'] as const;
export type TaskName = (typeof taskNames)[number];
