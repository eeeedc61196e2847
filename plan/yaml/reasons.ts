// Why a text is not YAML, in our words: the library's have pieces of the text in them, and those may be secrets.
import type { ErrorCode } from 'yaml';

const reasons: Record<ErrorCode, string> = {
  ALIAS_PROPS: 'an alias (*) has a tag or an anchor before it: a text that begins with * stands in quotes',
  BAD_ALIAS:
    'an anchor (&) or an alias (*) without a name, or with ":" at its end: a text that begins so stands in quotes',
  BAD_COLLECTION_TYPE: 'a tag (!) that is not for a list or a map stands before one',
  BAD_DIRECTIVE: 'a directive (%) that no reader knows',
  BAD_DQ_ESCAPE: 'a \\ in double quotes that begins no escape sequence: write two, or single quotes',
  BAD_INDENT: 'the indentation is not that of the lines that it belongs to, or a bracket is not closed',
  BAD_PROP_ORDER: 'a tag or an anchor stands before the mark of its list or map',
  BAD_SCALAR_START: 'a text begins with a character that none may begin with: put it in quotes',
  BLOCK_AS_IMPLICIT_KEY: 'a map or a list begins on the line of another key: put a text with ": " in it in quotes',
  BLOCK_IN_FLOW: 'a map or a list in block style stands in brackets',
  DUPLICATE_KEY: 'the same key is here a second time, and its readers take one of the two: leave one',
  IMPOSSIBLE: 'no reader could read it',
  KEY_OVER_1024_CHARS: 'a key is longer than 1,024 characters',
  MISSING_CHAR: 'something is missing: a quote at the end, the ":" of a key, a comma or a space',
  MULTILINE_IMPLICIT_KEY: 'a key, or a text without its ":", goes over several lines',
  MULTIPLE_ANCHORS: 'two anchors (&) stand before one value',
  MULTIPLE_DOCS: 'a second document begins: leave one in the file',
  MULTIPLE_TAGS: 'two tags (!) stand before one value',
  NON_STRING_KEY: 'a key is no text',
  RESOURCE_EXHAUSTION: 'too much is nested in it',
  TAB_AS_INDENT: 'a tab indents the line: put spaces in its place',
  TAG_RESOLVE_FAILED: 'a value is not what its tag (!) says',
  UNEXPECTED_TOKEN: 'something stands where YAML wants the end of the line, or of the value',
};

/** These are YAML, and yet can't be edited. */
const yaml: ErrorCode[] = ['DUPLICATE_KEY', 'MULTIPLE_DOCS'];

export function reasonOf(code: ErrorCode): string {
  return `${yaml.includes(code) ? '' : 'not YAML: '}${reasons[code]}`;
}
