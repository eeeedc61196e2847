// What is measured on a machine over a time: what the week costs, who is up, whether messages cross.
import type { MeasureActivities } from '../../plan/machine-api/measure.ts';
import type { Host } from '../context/host.ts';
import { measureImpact } from './impact.ts';
import { observe } from './observe.ts';
import { measure } from './totals.ts';

export function measureActivities(host: Host): MeasureActivities {
  return {
    measureImpact: (ask) => measureImpact(host, ask),
    measure: (ask) => measure(host, ask),
    observe: (ask) => observe(host, ask),
  };
}
