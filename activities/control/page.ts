// Whether an answer is a page for people: a login, or what a proxy says to anything. No notice was taken then, whatever the status.
import type { Answer } from '../http/request.ts';

export function isPage({ text }: Answer): boolean {
  return /^<(?:!doctype\s+html|html)\b/i.test(afterComments(text));
}

/** By hand: a regular expression of comments, which anybody may write into an answer, may take for ever. */
function afterComments(text: string): string {
  let at = 0;
  for (;;) {
    while (/\s/.test(text.charAt(at))) at++;
    const end = text.startsWith('<!--', at) ? text.indexOf('-->', at + 4) : -1;
    if (end === -1) return text.slice(at);
    at = end + 3;
  }
}
