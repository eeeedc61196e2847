// Both properties so often, and that seldom anything is refused.
import { expect } from 'vitest';
import { holdsAsync } from '../../property.ts';
import { agentIsGivenBack } from './agent.ts';
import { hubIsGivenBack } from './hub.ts';

export async function hubsAreGivenBack(times: number): Promise<void> {
  const counted = { refused: 0, edited: 0 };
  await holdsAsync(hubIsGivenBack(counted), times);
  console.log(`${counted.edited} edits of hubs, and ${counted.refused} refused`);
  expect(counted.refused / counted.edited).toBeLessThan(0.05);
}

export async function agentsAreGivenBack(times: number): Promise<void> {
  const counted = { refused: 0, deployed: 0 };
  await holdsAsync(agentIsGivenBack(counted), times);
  console.log(`${counted.deployed} deployments, and ${counted.refused} refused`);
}
