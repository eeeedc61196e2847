// The lab, up and down and its state: the plan's machines on one Linux host.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isSeq, parseDocument } from 'yaml';
import type { Plan } from '../plan/schema/plan.ts';
import { readPlan } from '../plan/schema/read.ts';
import { wantedVersions } from './binaries.ts';
import { strayCandidates } from './clean.ts';
import { dockerUp } from './docker.ts';
import { agentContainersUp, agentImagesOf } from './agent-containers.ts';
import { cacheImages, imagesOf, loadImages } from './images.ts';
import { checkHost, installMissing, labNeeds, type InstallOptions } from './install.ts';
import { hostsText, labMachines, type LabMachine, siteDirectory } from './layout.ts';
import { networkUp } from './network.ts';
import { agentsOn, awaitPhase1, centralHubUp, writeAgentConfigs } from './phase1.ts';
import { killTree } from './process.ts';
import { seconds, timed } from './report.ts';
import { siteUp } from './site.ts';
import {
  cacheDirectory,
  hostsFile,
  labDirectory,
  labPlanFile,
  liveProcess,
  projectDirectory,
  readState,
  withLabLock,
  writeState,
} from './state.ts';
import { labStatus } from './status.ts';
import { supervisorUp } from './supervisor.ts';
import { startForward, startTemporal } from './temporal.ts';
import { awaitWorkers, control, killWorker, processKey, startWorker } from './workers.ts';

export { labDown } from './clean.ts';
export { labStatus, type LabStatus } from './status.ts';
export { startTemporal, stopTemporal } from './temporal.ts';
export { killWorker, startWorker } from './workers.ts';

/**
 * Brings the lab up for a plan, in Phase 1 state, or repairs what is missing of it. Reports each step with elapsed time.
 * Throws with what is missing and how to mend it; what is up by then stays, and a next call goes on from there.
 */
export async function labUp(planFile: string, options: InstallOptions): Promise<void> {
  await checkHost([]);
  await withLabLock(() => bringUp(resolve(planFile), options));
}

async function bringUp(planFile: string, options: InstallOptions): Promise<void> {
  const began = Date.now();
  const step = timed(options.report);
  const text = readFileSync(planFile, 'utf8');
  const plan = readPlan(text, planFile);
  const machines = labMachines(plan.machines.map(({ name }) => name));
  checkBuilt();
  if (!readState()) await checkHost([labDirectory, cacheDirectory]);
  remember(planFile, plan);
  await step('packages', () => installMissing(labNeeds, options));

  const images = [...imagesOf(plan), ...agentImagesOf(plan)];
  // The longest first: on a fresh host Temporal and the images take minutes, side by side.
  await allOf([
    () => step('Temporal', startTemporal),
    async () => {
      await step('images', (say) => cacheImages(images, say));
      await step('network', async () => {
        for (const machine of await networkUp(machines)) await endProcessesOf(machine);
      });
      await step('Docker daemons', () => allOf(machines.map((machine) => () => dockerUp(machine))));
      await step('images into the daemons', () => allOf(machines.map((machine) => () => loadImages(machine, images))));
    },
  ]);

  const changed = writePlan(text, machines);
  await step('Phase 1', async () => {
    writeFileSync(hostsFile, hostsText(machines));
    mkdirSync(siteDirectory, { recursive: true });
    await siteUp(plan, machines);
    await centralHubUp(plan, machines);
    await allOf(
      machines.map((machine) => async () => {
        writeAgentConfigs(plan, machine);
        await supervisorUp(machine, agentsOn(plan, machine));
        await agentContainersUp(plan, machine, machines);
      }),
    );
    await awaitPhase1(plan, machines);
  });
  await step('workers', () =>
    startWorkers(
      machines.map(({ name }) => name),
      changed,
    ),
  );
  const { missing } = await labStatus();
  if (missing.length > 0)
    throw new Error(
      `The lab came up, but these do not answer: ${missing.join(', ')}. Look at the logs under ${labDirectory}, then run "hubshift lab up" again`,
    );
  options.report(`lab ready after ${seconds(Date.now() - began)}`);
}

/** Workers read the plan when they start, so a plan that changed restarts them. */
async function startWorkers(machines: string[], planChanged: boolean): Promise<void> {
  await startForward();
  const names = [control, ...machines];
  if (planChanged) await allOf(names.map((name) => () => killWorker(name)));
  const since = Date.now();
  const stopped = names.filter((name) => !liveProcess(processKey(name)));
  for (const name of stopped) await startWorker(name);
  await awaitWorkers(stopped, since);
}

/** Writes down the lab before anything of it is made, so that "lab down" always knows. Refuses another plan's lab. */
function remember(planFile: string, plan: Plan): void {
  const builtFrom = createHash('sha256')
    .update(JSON.stringify([plan.machines.map(({ name }) => name), plan.services, plan.agents, wantedVersions()]))
    .digest('hex');
  const state = readState();
  if (state && state.builtFrom !== builtFrom) {
    throw new Error(
      `The lab is up for other machines, services, agents or versions, those of ${state.planFile}: run "hubshift lab down" first, then bring it up for ${planFile}`,
    );
  }
  if (state) return writeState({ ...state, planFile });
  const strays = strayCandidates().filter((path) => !existsSync(path));
  writeState({ planFile, builtFrom, machines: plan.machines.map(({ name }) => name), strays, processes: {} });
}

/** Writes the plan with the lab's own addresses and paths; comments stay. Returns whether it changed. */
function writePlan(text: string, machines: LabMachine[]): boolean {
  const derived = derivePlan(text, machines);
  for (const machine of machines)
    for (const directory of [machine.root, machine.state]) mkdirSync(directory, { recursive: true });
  if (existsSync(labPlanFile) && readFileSync(labPlanFile, 'utf8') === derived) return false;
  writeFileSync(labPlanFile, derived);
  return true;
}

export function derivePlan(text: string, machines: LabMachine[]): string {
  const document = parseDocument(text);
  machines.forEach((machine, index) => {
    const values = {
      address: machine.address,
      root: machine.root,
      docker: machine.dockerSocket,
      supervisor: machine.supervisorConfig,
      state: machine.state,
    };
    for (const [key, value] of Object.entries(values)) document.setIn(['machines', index, key], value);
    // The addresses that it names are of the real machine.
    if (isSeq(document.getIn(['machines', index, 'listen']))) document.setIn(['machines', index, 'listen'], 'address');
  });
  return document.toString({ lineWidth: 0 });
}

/** Ends what still runs in a namespace that the machine has lost, so that it is started anew in the new one. */
async function endProcessesOf(machine: LabMachine): Promise<void> {
  const running = ['dockerd', 'supervisord', 'worker'].flatMap(
    (kind) => liveProcess(`${kind}:${machine.id}`)?.pid ?? [],
  );
  await killTree(running);
}

function checkBuilt(): void {
  const missing = ['dist/lab/agent/main.js', 'dist/lab/forward.js', 'dist/client/hubshift.js'].find(
    (file) => !existsSync(join(projectDirectory, file)),
  );
  if (missing) throw new Error(`${join(projectDirectory, missing)} is missing: run "npm run build" there first`);
}

/** Runs all side by side and waits for all, then throws the first failure. */
async function allOf(works: (() => Promise<void>)[]): Promise<void> {
  const results = await Promise.allSettled(works.map((work) => work()));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
}
