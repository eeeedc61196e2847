// Selectors of PromQL, for whatever metrics and labels are called and have as values. Pure.

type Labels = Record<string, string>;

const plainMetric = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const plainLabel = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/** A string of PromQL, whose escapes are Go's: those of JSON are among them. */
const textOf = (value: string): string => JSON.stringify(value);

/** Names beyond letters, digits and "_" stand in quotes, which Prometheus 3 reads. */
export const labelName = (name: string): string => (isPlainLabel(name) ? name : textOf(name));

export const isPlainLabel = (name: string): boolean => plainLabel.test(name);

/** The series of a metric, or of any where it is '', that have these labels; of each in `not` any other value, or none. */
export function selector(metric: string, is: Labels, not: Labels = {}): string {
  const isPlain = metric === '' || plainMetric.test(metric);
  const matchers = [
    ...(isPlain ? [] : [textOf(metric)]),
    ...Object.entries(is).map(([label, value]) => `${labelName(label)}=${textOf(value)}`),
    ...Object.entries(not).map(([label, value]) => `${labelName(label)}!=${textOf(value)}`),
  ];
  return `${isPlain ? metric : ''}{${matchers.join(',')}}`;
}

/**
 * Those that a hub scraped, or was sent, itself: together they have all but what another passed on to it with its external labels, `passedOn`.
 * That has all of these: a series that has some of them may as well be the hub's own.
 */
export function itsOwn(metric: string, is: Labels, passedOn: Labels): string[] {
  const each = Object.entries(passedOn);
  return each.length === 0
    ? [selector(metric, is)]
    : each.map(([label, value]) => selector(metric, is, { [label]: value }));
}
