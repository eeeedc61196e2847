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
/** `user:password@tcp(host:3306)/`, as Go writes the address of a database; `thin:user/password@host`, as Oracle. */
const dataSource =
  /(?<![\w.-])([\w.-]{1,64}:)([^\s"']{1,200})(?=@\w{0,8}\()|(\bthin:[^\s/@]{1,64}\/)([^\s"'@]{1,200})(?=@)/g;
/** `user:password@host` with no scheme before it, as clients of NATS take it. */
const schemeless =
  /(?<![\w.:/@-])((?:-{1,2}[a-z-]{1,20}["',]{0,3}[\s=]["']?|\/\/)?)([\w.%+-]{1,64}:)([^\s"'<>@/:[\]]{1,200})(?=@\[?(?!sha\d+:)[\w.-]+(:\d|\/)?)/g;
/** The same in an address that is percent-encoded, once or more often. */
const encoded =
  /(%((?:25)*)3A(?:%\2(?:2F)){2}(?:(?!%\2(?:3A|40|2F))[^\s&"<>]){0,200}%\2(?:3A))(?!\d{1,5}(?:%\2(?:2F|3F|23)|[\s&"<>]|$))((?:(?!%\2(?:40))[^\s&"<>]){1,200})(?=%\2(?:40)|$)/gi;
/** A line of PostgreSQL's file of passwords: host, port, database, user. */
const pgpass = /^(?![\da-f:.]+$)([+-]?[\w.*-]+:(?:\d{2,5}|\*):[^\s:]+:[^\s:]+:)(\S+)$/;
/** The path of a webhook is its secret. */
const webhook =
  /(https?:\/\/(?:[^\s/"'<>]{0,200}hook[^\s/"'<>]{0,200}\/|[^\s"'<>]{0,500}?\/(?:web)?hooks?\/))([^\s"'<>]+)/gi;
const header = /\b((?:Bearer|Basic)\s+)(?=\S*[\d=._~+/-]|\w{20})([\w.~+/=-]{8,})/gi;
/** A user by its number has a group behind the colon. */
const curl =
  /((?:(?<![\w-])(?:-[uU]|--(?:proxy-)?user)(?:[\s=]+|["'],?\s*)|\bcurl\s[^|;&]{0,200}?(?<=\s)-u)["']?(?!\d+:|https?:)[^\s:"',=]+:)([^\s"']+)/g;
/** A password behind a short flag, of the programs that take it there. */
const short =
  /(\b(?:sshpass["']?,?\s*["']?-p|redis-cli\b[^|;&]{0,200}?\s["']?-a|(?:login|mongo\w{0,8})\b[^|;&]{0,200}?\s["']?-p|(?:mosquitto_\w+|zip|unzip|ipmitool)\b[^|;&]{0,200}?\s["']?-P|ldap\w+\s[^|;&]{0,200}?-w)(?:["']?,?\s+["']?|["'],["'])|\b(?:(?:mysql|mariadb)[\w-]*\s(?:[^|;&]{0,200}?\s)?-p|sshpass\s+-p|smbclient\s[^|;&]{0,200}?-U\s*[\w.\\-]+%))([^\s"']+)/g;
const element = /<([\w.:-]+)>([^<]+)(?=<\/\1>)/g;
/** JWT, GitHub, GitLab, Slack, Grafana, Vault, npm, Stripe, Google, age, seeds of NATS. */
const token =
  /\b(?:eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*|gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[a-z]-[\w-]{10,}|xapp-[\w-]{10,}|gl(?:sa|c)_[\w=]{20,}|hvs\.[\w-]{20,}|npm_\w{20,}|[sr]k_(?:live|test)_\w{10,}|sk-(?=[\w-]*\d)[\w-]{20,}|AIza[\w-]{30,}|AGE-SECRET-KEY-\w+|S[ACNOUX][A-Z2-7]{56})(?![\w-])/g;
/** Of a password: as bcrypt, crypt and htpasswd write it, and as NATS tells of one that was taken for a variable. And the token in an address of Telegram. */
const hash =
  /(?<=\/bot)\d{6,}:[\w-]{30,}|(?:\$|\b)2[abxy]\$\d\d\$[./\w]{53}|\$(?:apr1|[156y])\$(?:[./\w=]{1,32}\$){1,2}[./\w]{20,}|\$argon2\w{1,2}\$[^\s:"']{20,}/g;

export function withoutAddresses(line: string, mark: Mark): string {
  return line
    .replaceAll(
      userinfo,
      (all, begin: string, user: string | undefined, password: string, end: string, alone: string) => {
        if (user !== undefined) return `${begin}${user}:${password && mark(password)}${end}`;
        return ofPeople.test(begin) ? all : `${begin}${mark(alone)}@`;
      },
    )
    .replaceAll(dataSource, (_, user = '', password = '', oracle = '', ofOracle = '') =>
      user ? `${user}${mark(password)}` : `${oracle}${mark(ofOracle)}`,
    )
    .replaceAll(schemeless, (all, flag: string, user: string, password: string, port: string | undefined) =>
      flag !== '' || port !== undefined || /[^a-z]/.test(password) ? `${flag}${user}${mark(password)}` : all,
    )
    .replaceAll(encoded, (_, user: string, _twice, password: string) => `${user}${mark(password)}`)
    .replace(pgpass, (_, user: string, password: string) => `${user}${mark(password)}`)
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
