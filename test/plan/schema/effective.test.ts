// A plan in full: valid again, the same plan, and each value with where it came from.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isMap, isSeq, parse, parseDocument, stringify, visit } from 'yaml';
import { changesBetween } from '../../../plan/schema/changes.ts';
import { effectiveText } from '../../../plan/schema/effective.ts';
import { readWhole } from '../../../plan/schema/read.ts';
import { wholeOf } from '../../../plan/schema/whole.ts';
import { holds } from '../../property.ts';

const text = (file: string) => readFileSync(new URL(`../../../plan/${file}`, import.meta.url), 'utf8');
const effective = (plan: string) => effectiveText(readWhole(plan, 'plan.yaml'), 'plan.yaml');

describe('a plan in full', () => {
  it('says of every value where it came from', () => {
    const shown = effective(text('starter.yaml'));
    expect(shown).toContain('  soak: 24h # default\n');
    expect(shown).toContain('    base: /pc2/observability # derived from machine\n');
    expect(shown).toContain('    port: 8101 # plan\n');
    expect(shown).toContain('owner: "65534:65534" # derived from base\n');
    const silent: unknown[] = [];
    visit(parseDocument(shown), {
      Pair(_, { key, value }) {
        const leaf = value as { comment?: string; flow?: boolean };
        if ((!isMap(value) && !isSeq(value)) || leaf.flow) if (!leaf.comment && !inFlow(shown, key)) silent.push(key);
      },
    });
    expect(silent).toEqual([]);
  });

  it('begins with what can do harm', () => {
    expect(Object.keys(parse(effective(text('week1.yaml'))) as object).slice(3, 6)).toEqual([
      'faults',
      'emergency',
      'failure',
    ]);
  });

  it('leaves nothing more to fill in, and nothing of the first version to mean', () => {
    const shown = effective(
      text('week1.yaml')
        .replace('version: 2', 'version: 1')
        .replace(/^notify:[^]*?^(?=#)/m, ''),
    );
    expect(shown).toContain('channels: [] # version 1\n');
    const input: unknown = parse(shown);
    expect(wholeOf(input).input).toEqual(input);
  });

  it('is the same plan, whatever of it is left out', () => {
    const plans = [text('week1.yaml'), text('starter.yaml')].map((plan) => parse(plan) as object);
    holds(
      fc.property(fc.constantFrom(...plans), fc.infiniteStream(fc.integer({ min: 0, max: 9 })), (plan, dice) => {
        const some = stringify(without(plan, dice), { aliasDuplicateObjects: false });
        const whole = readWhole(some, 'some.yaml');
        const all = readWhole(effectiveText(whole, 'some.yaml'), 'all.yaml');
        expect(all.plan).toEqual(whole.plan);
        expect(changesBetween(whole, all)).toEqual([]);
      }),
      12,
    );
  });
});

/** Keys that have a default, or follow from others: some of them left out. Not of what refers to each other by name. */
function without(plan: unknown, dice: Iterator<number>, path: string[] = []): unknown {
  if (Array.isArray(plan)) return plan.map((item) => without(item, dice, path));
  if (typeof plan !== 'object' || plan === null) return plan;
  const kept = Object.entries(plan).filter(([key]) => {
    const mayGo =
      ['watch', 'limits', 'rehearsal', 'emergency', 'failure'].includes(path[0] ?? key) ||
      ['image', 'restart', 'stopGrace', 'base', 'rulesFile', 'remoteWrite', 'test', 'store', 'program'].includes(key);
    return !mayGo || dice.next().value > 4;
  });
  return Object.fromEntries(kept.map(([key, inner]) => [key, without(inner, dice, [...path, key])]));
}

/** A key of a flow collection: that one has the comment. */
function inFlow(shown: string, key: unknown): boolean {
  const { range } = key as { range: [number, number, number] };
  const line = shown.slice(shown.lastIndexOf('\n', range[0]) + 1, range[0]);
  return /[{[]/.test(line);
}
