// Both properties so often, and that seldom anything is refused.
import { expect } from 'vitest';
import { holdsAsync } from '../../property.ts';
import { agentIsGivenBack } from './agent.ts';
import { hubIsGivenBack } from './hub.ts';

/** So many may be refused of the few that are tried in a quick test. */
const few = 6;
const seldom = (done: number): number => few + 0.1 * done;

export async function hubsAreGivenBack(times: number): Promise<void> {
  const counted = { refused: 0, edited: 0 };
  await holdsAsync(hubIsGivenBack(counted), times);
  console.log(`${counted.edited} edits of hubs, and ${counted.refused} refused`);
  expect(counted.refused).toBeLessThan(seldom(counted.edited));
}

export async function agentsAreGivenBack(times: number): Promise<void> {
  const counted = { done: 0, refusedForTheirs: 0, refused: 0 };
  await holdsAsync(agentIsGivenBack(counted), times);
  const { done, refusedForTheirs, refused } = counted;
  console.log(`${done} deployments, ${refused} refused, and ${refusedForTheirs} for what people had done`);
  expect(refused).toBeLessThan(seldom(done));
  expect(refusedForTheirs).toBeLessThan(few + done / 4);
}
