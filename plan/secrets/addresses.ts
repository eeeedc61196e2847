// Secrets that show by their form: in URLs and headers, elements of XML, tokens of well-known kinds. Pure.
import type { Mark } from './mark.ts';
import { isHarmless, isNamedSecret } from './named.ts';

/** Of `user:password@`, or its beginning where a text was cut off; what is no port is no port. */
const userinfo =
  /([a-z][a-z0-9+.-]{0,20}:\/\/)(?:([^\s/?#"'<>@:[]*):(?!\d{1,5}(?:\/|$))([^\s"<>]*(?=@)|[^\s"<>@]*$)(@?)|([^\s/?#"'<>@:[]+)@)/gi;
/** The path of a webhook is its secret. */
const webhook =
  /(https?:\/\/(?:[^\s/"'<>]{0,200}hook[^\s/"'<>]{0,200}\/|[^\s"'<>]{0,500}?\/(?:web)?hooks?\/))([^\s"'<>]+)/gi;
const header = /\b((?:Bearer|Basic)\s+)(?=\S*[\d=._~+/-])([\w.~+/=-]{8,})/gi;
const curl = /(?<=\s)((?:-u|--user)[\s=]+["']?[^\s:"']+:)([^\s"']+)/g;
const element = /<([\w.:-]+)>([^<]+)(?=<\/\1>)/g;
/** JWT, GitHub, GitLab, Slack, seeds of NATS. */
const token =
  /\b(?:eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*|gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[a-z]-[\w-]{10,}|S[ACNOUX][A-Z2-7]{56})(?![\w-])/g;

export function withoutAddresses(line: string, mark: Mark): string {
  return line
    .replaceAll(
      userinfo,
      (all, scheme: string, user: string | undefined, password: string, end: string, alone: string) => {
        if (user !== undefined) return `${scheme}${user}:${password && mark(password)}${end}`;
        return alone === 'git' ? all : `${scheme}${mark(alone)}@`;
      },
    )
    .replaceAll(webhook, (_, address: string, path: string) => `${address}${mark(path)}`)
    .replaceAll(header, (_, scheme: string, secret: string) => `${scheme}${mark(secret)}`)
    .replaceAll(curl, (_, user: string, password: string) => `${user}${mark(password)}`)
    .replaceAll(element, (all, name: string, value: string) =>
      isNamedSecret(name) && !isHarmless(name, value) ? `<${name}>${mark(value)}` : all,
    )
    .replaceAll(token, mark);
}
