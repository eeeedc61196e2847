// The lab of one test file. A lab serves file after file as long as each leaves it as it found it, in Phase 1.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll } from 'vitest';
import { wantedVersions } from '../../../lab/binaries.ts';
import { startTemporal, startWorker } from '../../../lab/lab.ts';
import { labDirectory, projectDirectory } from '../../../lab/state.ts';
import { control } from '../../../lab/workers.ts';
import { digestOf } from '../../../workers/build.ts';
import { changesSince, fingerprint, type Fingerprint } from './fingerprint.ts';
import { hubshift, isStatus, labDown, labStatus, progress, upFor, userFile, weekPlan, type LabStatus } from './lab.ts';

type Machine = LabStatus['machines'][number];

interface Settings {
  /** Of other machines, services or agents than the packaged one: then the lab is another, too. */
  plan?: string;
  /** Keys of the plan that only its workers must know. */
  changes?: Record<string, unknown>;
  /** In the place of the usual ones, and of those that the environment names. */
  versions?: { prometheus?: string; nats?: string };
}

/** Filled before the first test. */
export interface Lab {
  machines: Machine[];
  phase1: Fingerprint;
  machine(name: string): Machine;
  /** What is not as in Phase 1, on all machines or on these. */
  changes(machines?: Machine[]): Promise<string[]>;
  docker(name: string, ...args: string[]): Promise<string>;
  /** Adds rules to the packet filter of a machine, in a table `by_test`, which is removed after the test at the latest. */
  filter(name: string, ...rules: string[]): Promise<void>;
  unfilter(): Promise<void>;
}

/** Stands beside the lab and goes with it: what it looked like when it was new. */
interface Birth {
  build: string;
  plan: string;
  phase1: Fingerprint;
}
const birthFile = join(labDirectory, 'phase1.json');
const codeOfTheLab = ['activities', 'client', 'lab', 'plan', 'workers', 'workflows'];

/** For a file: the lab before its first test, and after its last the week ended. `settings` is asked when the lab is wanted. */
export function useLab(settings: () => Settings = () => ({})): Lab {
  const lab: Lab = {
    machines: [],
    phase1: {},
    machine: (name) => lab.machines.find((one) => one.name === name)!,
    changes: (machines = lab.machines) => changesSince(lab.phase1, machines),
    docker: async (name, ...args) => {
      const host = `unix://${lab.machine(name).dockerSocket}`;
      return (await execa('docker', ['-H', host, ...args], { timeout: 30_000 })).stdout;
    },
    filter: async (name, ...rules) => {
      await nft(lab.machine(name), ['add table inet by_test', ...rules].join('; '));
    },
    unfilter: async () => {
      await Promise.all(
        lab.machines.map((machine) => nft(machine, 'add table inet by_test; delete table inet by_test')),
      );
    },
  };
  beforeAll(async () => {
    const wanted = settings();
    if (wanted.versions) {
      process.env['HUBSHIFT_LAB_PROMETHEUS'] = wanted.versions.prometheus ?? '';
      process.env['HUBSHIFT_LAB_NATS'] = wanted.versions.nats ?? '';
    }
    Object.assign(lab, await labInPhase1(wanted));
  });
  afterAll(() => endWeek(lab));
  return lab;
}

/** Ends what a test left behind, one that failed too, so that the next fails for reasons of its own only. */
export async function endWeek(lab: Lab): Promise<void> {
  if (lab.machines.length === 0) return;
  await lab.unfilter();
  await startTemporal();
  for (const name of [control, ...lab.machines.map((machine) => machine.name)]) await startWorker(name);
  if (await isOver()) return;
  const run = (await progress())!.glance.run;
  const { exitCode, stdout, stderr } = await hubshift('rollback', '--run', run, '--reason', 'the test is over');
  if (exitCode !== 0) console.log(`the week was not ended after its test: ${stdout}${stderr}`);
}

async function isOver(): Promise<boolean> {
  const seen = await progress();
  return seen === undefined || isStatus('rolled back')(seen);
}

async function labInPhase1({ plan = weekPlan, changes = {} }: Settings): Promise<Pick<Lab, 'machines' | 'phase1'>> {
  const digest = await digestOf(join(projectDirectory, 'dist'), codeOfTheLab, '.js');
  const build = `${digest} ${JSON.stringify(wantedVersions())}`;
  const obstacle = await obstacleTo(build, plan);
  if (obstacle) {
    console.log(`a new lab: ${obstacle}`);
    await labDown({ report: () => undefined });
  }
  mkdirSync(labDirectory, { recursive: true });
  writeFileSync(userFile, String(process.ppid)); // vitest itself, which ends last
  const { machines } = await upFor(plan, changes);
  if (!obstacle) return { machines, phase1: birth().phase1 };
  const phase1 = await fingerprint(machines);
  writeFileSync(birthFile, JSON.stringify({ build, plan, phase1 } satisfies Birth));
  return { machines, phase1 };
}

/** Why the lab that is there is not one to begin with; undefined when it is. */
async function obstacleTo(build: string, plan: string): Promise<string | undefined> {
  if (!existsSync(birthFile)) return 'there is none of a test';
  const born = birth();
  if (born.build !== build) return 'the one that is there runs another build';
  if (born.plan !== plan) return `the one that is there is for ${born.plan}`;
  const { missing, machines } = await labStatus();
  if (missing.length > 0) return `these do not answer: ${missing.join(', ')}`;
  if (!(await isOver())) return 'a week is under way';
  const changes = await changesSince(born.phase1, machines);
  return changes.length > 0 ? `not in Phase 1: ${changes.join('; ')}` : undefined;
}

function birth(): Birth {
  return JSON.parse(readFileSync(birthFile, 'utf8')) as Birth;
}

async function nft({ namespace }: Machine, command: string): Promise<void> {
  await execa('nsenter', [`--net=/var/run/netns/${namespace}`, 'nft', command], { timeout: 10_000 });
}
