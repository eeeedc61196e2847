// The rows of task 2D, and what an undo of it must leave behind.
import type { Agent } from '../../schema/agent.ts';
import { servicesOf, wavesOf, type Plan } from '../../schema/plan.ts';
import { check, type KeepsHours, step, undone, type Row } from '../row.ts';
import { askedMs, ifAllowed, keepsHours } from '../shared/keeps-hours.ts';
import { trialsOf, type WayToLose, waysToLose } from './trials.ts';

export function rows(plan: Plan): Row[] {
  const [first = [], ...others] = wavesOf(plan);
  const pilots = [...first, ...others.flat()];
  const [once, ...more] = trialsOf(plan);
  const rowsOf = (pilot: Agent) => pilotRows(plan, pilot);
  const loses = losesHub(plan, pilots);
  return [
    step('2D.backup', "each pilot's configuration is backed up"),
    step('2D.template', 'the dual-hub template'),
    step('2D.validator', 'the validation rejects a broken file with its line'),
    ...pilots.map(({ name }) => step(`2D.${name}.new`, 'the new configuration, comments kept', { prepares: name })),
    check('2D.validated', 'all new files validate and load'),
    check('2D.scripts', 'a dry run shows what each deployment would change'),
    ...first.flatMap(rowsOf),
    check('2D.rollback-rehearsal', 'the first pilot is rolled back and migrated again, timed', {
      disturbs: 'agent',
      keepsHours: atAnyHour(pilots, thereAndBackMs(plan)),
      rehearsesRollback: true,
    }),
    ...others.flat().flatMap(rowsOf),
    check('2D.failover.stop', 'EdgeHub stopped: every pilot is on CentralHub, timed', {
      ...loses,
      timesFailover: once.name,
      toldAs: 'performance',
    }),
    check('2D.failover.return', 'EdgeHub started: every pilot is back, timed', {
      ...loses,
      toldAs: 'performance',
    }),
    check('2D.failover.no-loss', 'nothing sent around the failover is missing', {
      ...loses,
      judgesLoss: true,
      toldAs: 'performance',
    }),
    ...more.map(({ id, name, way }) =>
      check(id, `EdgeHub ${waysToLose[way]}: over, back, and nothing lost`, {
        ...losesHub(plan, pilots, way),
        timesFailover: name,
        toldAs: 'performance',
      }),
    ),
    check('2D.visibility.hubs', "each agent's health is in both hubs"),
    check('2D.visibility.nats', "each agent's health flows over NATS"),
    check('2D.visibility.correlation', 'both machines see the same health'),
    check('2D.impact.response', 'response times against the baseline', { toldAs: 'impact' }),
    check('2D.impact.resources', 'CPU and memory against the baseline', { toldAs: 'impact' }),
    check('2D.impact.network', 'network traffic against the baseline', { toldAs: 'impact' }),
  ];
}

/** Brought to its end, once it has begun. */
function atAnyHour(pilots: Agent[], disturbsMs: number): KeepsHours {
  return { on: machinesOf(pilots), lastsMs: askedMs + disturbsMs, disturbsMs, goesOn: true };
}

/** EdgeHub is lost until its fault is lifted at the latest; these are awaited on it before and after that. */
function losesHub(plan: Plan, pilots: Agent[], way: WayToLose = 'stop'): Pick<Row, 'disturbs' | 'keepsHours'> {
  const { recoveryTimeout } = plan.migration.failover;
  const disturbsMs = plan.faults.limit + 3 * recoveryTimeout + 2 * 60_000;
  const lastsMs = recoveryTimeout + 60_000 + disturbsMs;
  const kept = keepsHours(servicesOf(plan, 'edge-hub'), disturbsMs, { lastsMs, asks: machinesOf(pilots) });
  return { disturbs: 'edge-hub', ...ifAllowed(plan, way === 'blackhole' ? 'partition' : 'edgehub-stop', kept) };
}

/** Stopped, given its other configuration, and started: preflight warns of an agent that wants longer for its end than this leaves it. */
function movedMs({ emergency }: Plan): number {
  return emergency.level2;
}

/** It is moved back and forth, and looked at each time. */
function thereAndBackMs(plan: Plan): number {
  const { startWithin, failover } = plan.migration;
  return 2 * (movedMs(plan) + startWithin + failover.healthCheckInterval);
}

function machinesOf(pilots: Agent[]): string[] {
  return [...new Set(pilots.map(({ machine }) => machine))];
}

function pilotRows(plan: Plan, pilot: Agent): Row[] {
  const { name, kind } = pilot;
  const deployment = `2D.deploy.${name}`;
  const own: Row[] = [
    step(deployment, 'stop, swap configuration, validate, start', {
      disturbs: 'agent',
      keepsHours: atAnyHour([pilot], movedMs(plan) + plan.watch.log),
      deploys: true,
      keeps: [`log offset ${deployment}`, `log place ${deployment}`],
    }),
    check(`${deployment}.log-watch`, 'startup log without error lines', { watches: 'log' }),
    ...pilotChecks(kind).map(({ name: what, text, losesHub: loses }) =>
      check(`${deployment}.${what}`, text, loses ? { ...losesHub(plan, [pilot]), timesFailover: `${name} alone` } : {}),
    ),
    check(`${deployment}.observation`, 'observation within the gates', { watches: 'observation' }),
  ];
  return own.map((row) => ({ ...row, ofAgent: name }));
}

interface PilotCheck {
  name: string;
  text: string;
  /** EdgeHub is taken from it meanwhile. */
  losesHub?: true;
  /** It can't be said without functions of the agent in the plan. */
  asksFunctions?: true;
}

/** The checks of a pilot after its deployment: each kind of agent is asked for what it is there for. */
export function pilotChecks(kind: string): PilotCheck[] {
  const dualHub = { name: 'dual-hub', text: 'both hubs reachable, EdgeHub active' };
  const metrics = { name: 'metrics', text: 'its metrics are fresh in EdgeHub' };
  const fallback: PilotCheck = { name: 'fallback', text: 'it falls back to CentralHub', losesHub: true };
  const health = { name: 'health', text: '/health and its functions answer correctly' };
  const nats = { name: 'nats', text: 'its messages arrive over NATS' };
  const systemMetrics: PilotCheck = {
    name: 'system-metrics',
    text: 'system metrics are collected',
    asksFunctions: true,
  };
  const visibility = { name: 'health-visibility', text: 'its health is visible from every machine' };
  const utility: PilotCheck = { name: 'utility', text: 'its utility functions answer', asksFunctions: true };
  switch (kind) {
    case 'resource_manager':
      return [dualHub, systemMetrics, metrics, fallback, visibility];
    case 'unified_utils_agent':
      return [dualHub, utility, metrics, fallback, nats];
    default:
      return [dualHub, health, metrics, fallback, nats];
  }
}

export const undoRows: [Row, ...Row[]] = [
  undone('2D.undo.stop', 'pilots stopped before their files were restored', ['agent.restore', 'environment.restore']),
  undone('2D.undo.restore', 'configurations restored byte for byte', ['file.restore']),
  undone('2D.undo.restart', 'pilots run with the original settings'),
  undone('2D.undo.central-only', 'pilots report CentralHub only'),
  undone('2D.undo.functional', 'pilots do all that they did before'),
  undone('2D.undo.verify', 'pilots on CentralHub, other agents undisturbed'),
];
