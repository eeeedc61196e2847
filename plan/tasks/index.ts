// The registry: every task of the week, by its name. A new task is a folder here, and a line.
import type { Service } from '../schema/plan.ts';
import type { Task } from './contract.ts';
import { edgeHub } from './edgehub/index.ts';
import { messaging } from './messaging/index.ts';
import { taskNames, type TaskName } from './names.ts';
import { pilots } from './pilots/index.ts';
import { preflight } from './preflight/index.ts';
import { pushgateways } from './pushgateways/index.ts';
import { soak } from './soak/index.ts';

const registry = {
  preflight,
  '2A': edgeHub,
  '2B': pushgateways,
  '2C': messaging,
  '2D': pilots,
  soak,
} satisfies Record<TaskName, Task>;

/** In the order in which they run. */
export const tasks: readonly (Task & { name: TaskName })[] = taskNames.map((name) => ({ name, ...registry[name] }));

export function taskOf(name: TaskName): Task {
  return registry[name];
}

/** Every kind of the schema's union is some task's. */
type KindsOf<T> = T extends { services: infer Kinds } ? keyof Kinds : never;
type Everyone = Service['kind'] extends KindsOf<(typeof registry)[TaskName]> ? true : never;
true satisfies Everyone;
