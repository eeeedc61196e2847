// hubshift init: writes a short plan with my own machines; what it leaves out has defaults.
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import { exitCodes, Failure } from '../failure.ts';
import { InvalidPlan, readPlan } from '../../plan/schema/read.ts';
import { withMachines, type NamedAddress } from '../../plan/schema/with-machines.ts';
import { starterPlan } from '../plan-file.ts';

interface Options {
  output: string;
  machine: NamedAddress[];
}

export function addInit(program: Command): void {
  program
    .command('init')
    .description('write a plan with your own machines')
    .option('-o, --output <file>', 'where to', 'week1.yaml')
    .requiredOption(
      '--machine <name=address>',
      'once for each of the two machines, that of CentralHub, as MainPC, first and PC2 second; your own names are fine',
      collect,
    )
    .action(async ({ output, machine: machines }: Options) => {
      const file = resolve(output);
      const text = render(machines, file);
      try {
        await writeFile(file, text, { flag: 'wx' });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EEXIST')
          throw new Failure(
            `${file} is there already and was not touched. Name another with -o FILE, or remove it.`,
            exitCodes.usage,
          );
        throw new Failure(
          `Can't write ${file}: ${(error as Error).message}. Name another with -o FILE.`,
          exitCodes.usage,
        );
      }
      process.stdout.write(
        `${file} is written. Read its first lines, put in where CentralHub's file is and your own agents, then: hubshift validate --effective --plan ${output}\n`,
      );
    });
}

function render(machines: NamedAddress[], file: string): string {
  try {
    const text = withMachines(readFileSync(starterPlan, 'utf8'), machines);
    readPlan(text, file);
    return text;
  } catch (error) {
    if (error instanceof InvalidPlan)
      throw new Failure(
        `With these machines the plan can't be used, and was not written:\n${error.message}`,
        exitCodes.usage,
      );
    if (error instanceof RangeError) throw new Failure(error.message, exitCodes.usage);
    throw error;
  }
}

function collect(text: string, before: NamedAddress[] | undefined): NamedAddress[] {
  const [name = '', address = '', ...rest] = text.split('=');
  if (!name || !address || rest.length > 0)
    throw new InvalidArgumentError('It must be NAME=ADDRESS, such as PC2=192.168.1.20.');
  return [...(before ?? []), { name, address }];
}
