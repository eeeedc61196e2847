// hubshift lab: two machines on one host, to try the week on.
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { LabStatus } from '../../lab/lab.ts';
import { askYes } from '../ask.ts';
import { exitCodes } from '../failure.ts';
import { packagedPlan, planOfEnvironment, planOption, type PlanChoice } from '../plan-file.ts';
import { columns } from '../show/text.ts';

/** Loaded by these commands only: it is slow to load. */
const theLab = () => import('../../lab/lab.ts');

export function addLab(program: Command): void {
  const lab = program
    .command('lab')
    .description("the plan's machines on one Linux host, in their Phase 1 state; needs root");
  lab
    .command('up')
    .description('bring the lab up, or mend what is missing of it')
    .addOption(planOption())
    .action(async (options: PlanChoice) => {
      const { labStatus, labUp } = await theLab();
      // Not the lab's own derived plan: that one is made from this.
      const named = options.plan ?? planOfEnvironment() ?? (await labStatus()).planFile ?? packagedPlan;
      await labUp(resolve(named), { report: say, ask: process.stdin.isTTY ? askYes : undefined });
    });
  lab
    .command('down')
    .description('end every process of the lab and remove what it made')
    .action(async () => (await theLab()).labDown({ report: say }));
  lab
    .command('status')
    .description('what runs, and where; exit 0 when all of it does')
    .option('--json', 'as data; see docs/cli.md')
    .action(async (options: { json?: boolean }) => {
      const status = await (await theLab()).labStatus();
      process.stdout.write(`${options.json ? JSON.stringify(status, null, 2) : statusLines(status).join('\n')}\n`);
      process.exitCode = status.ready ? exitCodes.done : exitCodes.failed;
    });
}

function statusLines(status: LabStatus): string[] {
  if (status.planFile === null) return ['There is no lab. hubshift lab up makes one.'];
  const running = (pid: number | null | undefined) => (pid ? `pid ${pid}` : 'not running');
  const rows = status.machines.map((machine) => [
    machine.name,
    machine.address,
    machine.namespace,
    running(machine.dockerdPid),
    running(machine.supervisordPid),
    running(machine.worker.pid),
    machine.root,
  ]);
  const { temporal } = status;
  return [
    `${status.ready ? 'The lab is ready.' : `The lab is not ready (${status.missing.join(', ')}): hubshift lab up mends it.`} Plan: ${status.planFile}`,
    '',
    ...columns([['MACHINE', 'ADDRESS', 'NAMESPACE', 'DOCKER', 'SUPERVISOR', 'WORKER', 'ROOT'], ...rows]),
    '',
    `control   ${running(status.control?.pid)}`,
    `Temporal  ${temporal.address}${temporal.webUi ? `, Web UI ${temporal.webUi}, ${running(temporal.pid)}` : ", not the lab's own"}`,
  ];
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
