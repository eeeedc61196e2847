// A line of a log as people see it: without colour codes, and without what is no text. Pure.

/** ESC itself, or as loggers and syslog daemons spell it. */
const escape = String.raw`(?:\u001b|\\u001[bB]|\\x1[bB]|\\0?33|\\e|#033|\^\[)`;
const code = String.raw`${escape}(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]{0,500}(?:\u0007|\u001b\\)|[()][AB012])|\u009b[0-?]*[ -/]*[@-~]`;
const codes = new RegExp(`(?:${code})+`, 'g');
/** A writer that does not append leaves a hole of NULs where its log was cut off. */
const noText = new RegExp(String.raw`[\u0000\ufeff]+`, 'g');

/** Words that only a colour kept apart stay apart. */
export function plain(line: string): string {
  return line
    .replace(noText, '')
    .replace(codes, (found: string, at: number, whole: string) =>
      /\w/.test(whole.charAt(at - 1)) && /\w/.test(whole.charAt(at + found.length)) ? ' ' : '',
    );
}
