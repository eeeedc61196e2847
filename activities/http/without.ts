// A text without a secret that we sent, however whoever got it spells it in an answer or in an error.
import { redact } from '../../plan/secrets/redact.ts';

/** Of a URL, also its parts that are long enough to be what is secret in it: a server may repeat the path alone, or what stands in it. */
export function without(secrets: string[], text: string): string {
  const parts = secrets.flatMap((secret) => [secret, ...partsOf(secret)]).filter(({ length }) => length > 1);
  const left = [...new Set(parts.flatMap(spellingsOf))]
    .toSorted((a, b) => b.length - a.length)
    .reduce((rest, part) => rest.replaceAll(part, '…'), text);
  return redact(left);
}

/** Shorter ones are words such as "hook", and are taken out as parts of the path or the query alone. */
const longEnough = 8;

function partsOf(secret: string): string[] {
  if (!/^https?:/i.test(secret) || !URL.canParse(secret)) return [];
  const { pathname, search, searchParams } = new URL(secret);
  const single = [...pathname.split('/'), ...search.slice(1).split(/[&=]/), ...searchParams.values()];
  return [`${pathname}${search}`, pathname, search, ...single.filter(({ length }) => length >= longEnough)];
}

/** As it is and decoded, each also percent-encoded, and as JSON has it, with and without its escaped slashes. */
function spellingsOf(part: string): string[] {
  return [part, decoded(part)].flatMap((one) => {
    const json = JSON.stringify(one).slice(1, -1);
    return [one, encodeURIComponent(one), json, json.replaceAll('/', '\\/')];
  });
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
