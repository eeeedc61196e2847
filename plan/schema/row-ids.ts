// Each row of the week has an id of its own: records, facts and ledgers go by it, and names are a part of it.
import type { Row } from '../tasks/row.ts';
import { stepsOf, tasksIn, undoRows } from '../tasks/steps.ts';
import type { Plan } from './plan.ts';
import type { Refuse } from './refuse.ts';

/** Of a plan that holds together otherwise: its rows are asked for. */
export function refuseSameIds(plan: Plan, refuse: Refuse): void {
  const seen = new Map<string, Row>();
  for (const row of [...stepsOf(plan), ...undoRows(tasksIn(plan))]) {
    const other = seen.get(row.id);
    seen.set(row.id, row);
    if (other)
      refuse(
        whose(plan, row) ?? whose(plan, other) ?? [],
        `another name, since ${row.id} would be the id of two rows, ${said(other)} and ${said(row)},`,
      );
  }
}

/** The agent, service or stream that a row is called by, where it says so. */
const nameIn = ({ ofAgent, prepares, makes, calledBy }: Row) => ofAgent ?? prepares ?? makes ?? calledBy;

function whose({ agents, services, messaging: { streams } }: Plan, row: Row): (string | number)[] | undefined {
  const lists: [path: string[], named: { name: string }[]][] = [
    [['agents'], agents],
    [['services'], services],
    [['messaging', 'streams'], streams],
  ];
  return lists.flatMap(([path, named]) => {
    const index = named.findIndex(({ name }) => name === nameIn(row));
    return index < 0 ? [] : [[...path, index, 'name']];
  })[0];
}

function said(row: Row): string {
  const name = nameIn(row);
  return `"${row.text}"${name === undefined ? '' : ` of ${name}`}`;
}
