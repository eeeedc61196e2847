// Secrets that show by their form: in URLs and headers, elements of XML, tokens of well-known kinds. Pure.
import type { Mark } from './mark.ts';
import { isHarmless, isNamedSecret } from './named.ts';

/** Slashes may be escaped, as in JSON. */
const scheme = String.raw`[a-z][a-z0-9+.-]{0,20}:(?:\\*\/){2}`;
/** With what may follow it: a path, the next address of a list, or the end of a sentence. */
const port = String.raw`\d{1,5}(?:[/?#\\]|,${scheme}|[,;.:)\]}'\x60]*$)`;
/** Of `user:password@`, or its beginning where a text was cut off; what is no port is no port. */
const userinfo = new RegExp(
  String.raw`(${scheme})(?:([^\s/?#"'<>@:[\\]*):(?!${port})([^\s"<>]*(?=@)|[^\s"<>@]*$)(@?)|([^\s/?#"'<>@:[\\]+)@)`,
  'gi',
);
/** Who logs in there does so with a key. */
const ofPeople = /^(?:ssh|sftp|scp|rsync|git\+ssh):/i;
/** `user:password@tcp(host:3306)/`, as Go writes the address of a database. */
const dataSource = /(?<![\w.-])([\w.-]{1,64}:)([^\s"']{1,200})(?=@\w{0,8}\()/g;
/** The path of a webhook is its secret. */
const webhook =
  /(https?:\/\/(?:[^\s/"'<>]{0,200}hook[^\s/"'<>]{0,200}\/|[^\s"'<>]{0,500}?\/(?:web)?hooks?\/))([^\s"'<>]+)/gi;
const header = /\b((?:Bearer|Basic)\s+)(?=\S*[\d=._~+/-])([\w.~+/=-]{8,})/gi;
/** A user by its number has a group behind the colon. */
const curl =
  /((?:(?<![\w-])(?:-u|--user)(?:[\s=]+|["'],?\s*)|\bcurl\s[^|;&]{0,200}?(?<=\s)-u)["']?(?!\d+:|https?:)[^\s:"',=]+:)([^\s"']+)/g;
/** A password behind a short flag, of the programs that take it there. */
const short =
  /(\b(?:sshpass["']?,?\s*["']?-p|redis-cli\b[^|;&]{0,200}?\s["']?-a|login\b[^|;&]{0,200}?\s["']?-p)(?:["']?,?\s+["']?|["'],["'])|\b(?:mysql|mariadb)[\w-]*\s(?:[^|;&]{0,200}?\s)?-p)([^\s"']+)/g;
const element = /<([\w.:-]+)>([^<]+)(?=<\/\1>)/g;
/** JWT, GitHub, GitLab, Slack, Grafana, Vault, npm, Stripe, Google, age, seeds of NATS. */
const token =
  /\b(?:eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*|gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[a-z]-[\w-]{10,}|xapp-[\w-]{10,}|gl(?:sa|c)_[\w=]{20,}|hvs\.[\w-]{20,}|npm_\w{20,}|[sr]k_(?:live|test)_\w{10,}|sk-(?=[\w-]*\d)[\w-]{20,}|AIza[\w-]{30,}|AGE-SECRET-KEY-\w+|S[ACNOUX][A-Z2-7]{56})(?![\w-])/g;
/** Of a password: as bcrypt, crypt and htpasswd write it. And the token in an address of Telegram. */
const hash =
  /(?<=\/bot)\d{6,}:[\w-]{30,}|\$2[abxy]\$\d\d\$[./\w]{53}|\$(?:apr1|[156y])\$(?:[./\w=]{1,32}\$){1,2}[./\w]{20,}|\$argon2\w{1,2}\$[^\s:"']{20,}/g;

export function withoutAddresses(line: string, mark: Mark): string {
  return line
    .replaceAll(
      userinfo,
      (all, begin: string, user: string | undefined, password: string, end: string, alone: string) => {
        if (user !== undefined) return `${begin}${user}:${password && mark(password)}${end}`;
        return ofPeople.test(begin) ? all : `${begin}${mark(alone)}@`;
      },
    )
    .replaceAll(dataSource, (_, user: string, password: string) => `${user}${mark(password)}`)
    .replaceAll(webhook, (all, address: string, path: string) =>
      /^[a-z/_-]{1,16}$/.test(path) ? all : `${address}${mark(path)}`,
    )
    .replaceAll(header, (_, scheme: string, secret: string) => `${scheme}${mark(secret)}`)
    .replaceAll(curl, (_, user: string, password: string) => `${user}${mark(password)}`)
    .replaceAll(short, (_, flag: string, password: string) => `${flag}${mark(password)}`)
    .replaceAll(element, (all, name: string, value: string) =>
      isNamedSecret(name) && !isHarmless(name, value) ? `<${name}>${mark(value)}` : all,
    )
    .replaceAll(token, mark)
    .replaceAll(hash, mark);
}
