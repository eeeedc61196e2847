// How what we put into other people's YAML is written: a text stays a text for readers of every version.
import { Document, parse, Scalar, visit } from 'yaml';

export function render(value: unknown): string {
  const document = new Document(value);
  visit(document, {
    Scalar(_, node) {
      if (typeof node.value === 'string' && !isTextInAll(node.value)) node.type = Scalar.QUOTE_DOUBLE;
    },
  });
  return document.toString({ lineWidth: 0 });
}

/** YAML 1.1 takes "on", "12:30" or "2026-11-27" for something else; 1.2 does not. */
function isTextInAll(text: string): boolean {
  try {
    return parse(text, { version: '1.1', logLevel: 'silent' }) === text;
  } catch {
    // Not plain in any version: the library quotes it.
    return true;
  }
}
