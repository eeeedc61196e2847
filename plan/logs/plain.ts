// A line of a log as people see it: without colour codes, and without what is no text. Pure.

/** ESC itself, or as loggers and syslog daemons spell it. */
const escape = String.raw`(?:\u001b|\\u001[bB]|\\x1[bB]|\\0?33|\\e|#033|\^\[|\u241b|\ufffd)`;
/** Of which ESC was thrown away. The range of a query, `[5m]`, is none. */
const bereft = String.raw`\[\d{1,3}(?:[;:]\d{0,3}){0,8}m(?!\])`;
const code = String.raw`${escape}(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]{0,500}(?:\u0007|\u001b\\)|[()][AB012])|\u009b[0-?]*[ -/]*[@-~]|${bereft}`;
const codes = new RegExp(`(?:${code})+`, 'g');
/** A writer that does not append leaves a hole of NULs where its log was cut off. Of UTF-16 they are every other byte. */
const noText = new RegExp(String.raw`[\u0000\ufeff]+|^\ufffd+(?!\[)|\r+$`, 'g');

/** Words that only a colour kept apart stay apart. */
export function plain(line: string): string {
  return line
    .replace(noText, '')
    .replace(codes, (found: string, at: number, whole: string) =>
      /\w/.test(whole.charAt(at - 1)) && /\w/.test(whole.charAt(at + found.length)) ? ' ' : '',
    );
}
