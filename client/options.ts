// Parsers of option values. A value that can't be used is a usage error.
import { InvalidArgumentError, Option } from 'commander';

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
