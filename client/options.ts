// Parsers of option values. A value that can't be used is a usage error.
import { InvalidArgumentError } from 'commander';

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
