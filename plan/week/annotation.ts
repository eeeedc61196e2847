// A notice as an annotation of Grafana: a point in time, and a region once what it tells of is over. Pure.
import { cutTo, endOf } from './cut-text.ts';
import { subjectOf, type Notice } from './notice.ts';

/** What is sent: times are Unix milliseconds. */
export interface Annotation {
  time: number;
  timeEnd?: number;
  tags: string[];
  text: string;
}

/** What Grafana has. */
export interface Kept {
  id: number;
  time: number;
  timeEnd: number;
  text: string;
}

/** Of a tag's name and of its value; all tags of an annotation together have 500, as JSON. */
const tagAtMost = 100;
/** Nobody reads more in a graph. */
const textAtMost = 4_000;

/** Two tags alone are sorted by: Grafana splits at each colon, and takes what is between the first two for the value. */
const tag = (key: string, value: string) => `${key}:${endOf(value.replaceAll(':', '-'), tagAtMost)}`;

/** The tag by which what opens a matter is found when it is over. */
export function isAbout(notice: Notice): string {
  return tag('about', subjectOf(notice));
}

/** It ends what an earlier one began. */
export function closes({ resolved, since }: Notice): boolean {
  return resolved || since !== undefined;
}

export function annotationOf(notice: Notice): Annotation {
  const { kind, title, text, commands = [], plan, at, since } = notice;
  return {
    time: since ?? at,
    ...(since !== undefined && { timeEnd: at }),
    tags: ['hubshift', tag('plan', plan), tag('kind', kind), isAbout(notice)],
    // Grafana shows it as HTML. Half a command is none.
    text: [cutTo(`${title}\n${text}`, textAtMost, escaped), ...commands.map(escaped)].join('\n'),
  };
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
