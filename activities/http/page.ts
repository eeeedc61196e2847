// Whether an answer is a page for people: a login, or what a proxy says to anything. No notice was taken then, whatever the status.

/** By how it begins; what is said to be HTML is a page wherever it is no bare text, which many hooks answer with under that name. */
export function isPage({ text, headers }: { text: string; headers: Headers }): boolean {
  const begins = afterComments(text);
  const isSaid = /^\s*(?:text\/html|application\/xhtml\+xml)\s*(?:;|$)/i.test(headers.get('content-type') ?? '');
  return isSaid ? begins.startsWith('<') : /^<(?:!doctype\s+html|html|head|title|meta|script|body)\b/i.test(begins);
}

/** By hand: a regular expression of comments, which anybody may write into an answer, may take for ever. A declaration of XML is skipped as well. */
function afterComments(text: string): string {
  let at = 0;
  for (;;) {
    while (/\s/.test(text.charAt(at))) at++;
    const close = text.startsWith('<!--', at) ? '-->' : text.startsWith('<?', at) ? '?>' : undefined;
    const end = close ? text.indexOf(close, at + close.length) : -1;
    if (!close || end === -1) return text.slice(at);
    at = end + close.length;
  }
}
