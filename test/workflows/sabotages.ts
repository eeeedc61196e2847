// For every check of the week, and some steps, worlds in which it must not pass: what is broken, what the machines would then truthfully report.
import { messagingSabotages } from './sabotages-messaging.ts';
import { hubSabotages } from './sabotages-hubs.ts';
import { pilotSabotages } from './sabotages-pilots.ts';
import type { Sabotage } from './sabotage.ts';

/** By row of plan/week1.yaml. A row with several is tried with each. */
export const sabotages: Record<string, Sabotage[]> = { ...hubSabotages, ...messagingSabotages, ...pilotSabotages };
