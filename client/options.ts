// Parsers of option values. A value that can't be used is a usage error.
import { InvalidArgumentError, Option, type Command } from 'commander';
import { exitCodes, Failure } from './failure.ts';

export function number(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('It must be a number.');
  return value;
}

export function days(text: string): number {
  const value = number(text);
  if (value < 0) throw new InvalidArgumentError('It must not be below 0.');
  return value;
}

/** The divisor of a rehearsal. */
export function divisor(text: string): number {
  const value = number(text);
  if (value <= 1) throw new InvalidArgumentError('It must be above 1: watched time is divided by it.');
  return value;
}

/** Machines that a rollback of everything does not wait for; may be given again and again. */
export function withoutOption(when = ''): Option {
  return new Option('--without <machine>', `${when}do not wait for this machine, which does not come back`).argParser(
    (machine: string, others: string[] = []) => [...others, machine],
  );
}

/** Throws Failure for what is named by nothing, as by a variable of the shell that is not set. Taken as left out, the order would be another one. */
export function refuseEmpty(command: Command): void {
  command.registeredArguments.forEach((argument, index) => {
    if (isEmpty(command.processedArgs[index])) throw empty(`<${argument.name()}>`, 'Give it a value.');
  });
  for (const option of command.options)
    if (isEmpty(command.getOptionValue(option.attributeName())))
      throw empty(option.flags, `Give it a value${option.mandatory ? '' : `, or leave ${option.long} out`}.`);
  // A command of two words has those of its first one too.
  if (command.parent) refuseEmpty(command.parent);
}

function isEmpty(value: unknown): boolean {
  return [value].flat().some((one) => typeof one === 'string' && one.trim() === '');
}

function empty(what: string, mend: string): Failure {
  return new Failure(`${what} is given, and empty: is it a variable that is not set? ${mend}`, exitCodes.usage);
}
