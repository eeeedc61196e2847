// A web configuration as a Prometheus reads it: strictly, so that with one wrong word it does not start. Tells nothing of a value. Pure.
import { parse, YAMLParseError } from 'yaml';
import { z } from 'zod';

/** As who is written in Go fills a text: from any scalar, such as the 0 of X-XSS-Protection. */
const scalar = z.union([z.string(), z.number(), z.boolean(), z.date()], 'a text').transform(String);
const text = scalar.nullish();
const yes = z.boolean('true or false').nullish();
const version = z.enum(['TLS10', 'TLS11', 'TLS12', 'TLS13'], 'TLS10, TLS11, TLS12 or TLS13').nullish();
const clientAuth = [
  'NoClientCert',
  'RequestClientCert',
  'RequireAnyClientCert',
  'VerifyClientCertIfGiven',
  'RequireAndVerifyClientCert',
] as const;
const curves = ['CurveP256', 'CurveP384', 'CurveP521', 'X25519'] as const;
const oneOf = (values: readonly string[]) => `one of ${values.join(', ')}`;
const listOf = <T extends z.ZodType>(item: T) => z.array(item, 'a list').nullish();

const Tls = z
  .strictObject(
    {
      cert: text,
      key: text,
      client_ca: text,
      cert_file: text,
      key_file: text,
      client_ca_file: text,
      client_auth_type: z.enum(['', 'RequireClientCert', ...clientAuth], oneOf(clientAuth)).nullish(),
      client_allowed_sans: listOf(scalar),
      min_version: version,
      max_version: version,
      cipher_suites: listOf(z.string().regex(/^TLS_[A-Z0-9_]+$/, 'a suite by its name, which begins with TLS_')),
      prefer_server_cipher_suites: yes,
      curve_preferences: listOf(z.enum(curves, oneOf(curves))),
    },
    'a map',
  )
  .nullish();

const Http = z
  .strictObject(
    {
      http2: yes,
      headers: z
        .strictObject(
          {
            'Content-Security-Policy': text,
            'X-Frame-Options': z.enum(['', 'deny', 'sameorigin'], 'deny or sameorigin').nullish(),
            'X-Content-Type-Options': z.enum(['', 'nosniff'], 'nosniff').nullish(),
            'X-XSS-Protection': text,
            'Strict-Transport-Security': text,
          },
          'a map',
        )
        .nullish(),
    },
    'a map',
  )
  .nullish();

const RateLimit = z
  .strictObject(
    {
      interval: z
        .union([z.int(), z.string().regex(/^(0|([\d.]+(ns|us|µs|ms|s|m|h))+)$/, 'a duration such as 100ms')])
        .nullish(),
      burst: z.int('a number of requests').nullish(),
    },
    'a map',
  )
  .nullish();

const WebFile = z.strictObject(
  { tls_server_config: Tls, http_server_config: Http, rate_limit: RateLimit, basic_auth_users: z.unknown().optional() },
  'a map: tls_server_config, basic_auth_users …',
);

export type WebTls = NonNullable<z.infer<typeof Tls>>;

export interface Web {
  /** Undefined where it answers without TLS, whatever else it says of it. */
  tls?: WebTls;
  users: unknown;
}

/** Throws what is wrong, for people. */
export function readWebFile(file: string): Web {
  const { data, error } = WebFile.safeParse(parsed(file));
  if (error) throw new Error(said(error.issues[0]!));
  const { tls_server_config: tls, rate_limit: limit, basic_auth_users: users } = data;
  if (limit?.interval && !/^0\D*$/.test(`${limit.interval}`) && !((limit.burst ?? 0) > 0))
    throw new Error('has a rate_limit without a burst, which lets nobody through: burst: 20');
  if (!tls || !turnsOn.some((key) => tls[key])) return { users };
  for (const [one, other] of pairs)
    if (tls[one] && tls[other]) throw new Error(`has ${one} and ${other} in its tls_server_config: one of them`);
  if (!tls.cert && !tls.cert_file) throw new Error('has a tls_server_config without cert_file');
  if (!tls.key && !tls.key_file) throw new Error('has a tls_server_config without key_file');
  const asks = tls.client_auth_type || 'NoClientCert';
  if ((tls.client_ca || tls.client_ca_file) && asks === 'NoClientCert')
    throw new Error('has a client_ca_file without a client_auth_type, such as RequireAndVerifyClientCert');
  if (tls.client_allowed_sans && !asks.startsWith('Require'))
    throw new Error('has client_allowed_sans without a client_auth_type that requires a certificate');
  return { tls, users };
}

const turnsOn = ['cert', 'key', 'client_ca', 'cert_file', 'key_file', 'client_ca_file', 'client_auth_type'] as const;
const pairs = [
  ['cert', 'cert_file'],
  ['key', 'key_file'],
  ['client_ca', 'client_ca_file'],
] as const;

/** By YAML 1.1, as who is written in Go reads it; an empty one says nothing. */
function parsed(file: string): unknown {
  try {
    return parse(file, { version: '1.1', prettyErrors: false, logLevel: 'error' }) ?? {};
  } catch (error) {
    // Its message may have a line of the file.
    throw new Error(`can't be parsed: ${(error instanceof YAMLParseError && unparsed[error.code]) || 'it is no YAML'}`);
  }
}

const unparsed: Partial<Record<YAMLParseError['code'], string>> = {
  DUPLICATE_KEY: 'a key is there twice',
  MULTIPLE_DOCS: 'it has more than one document',
};

function said(issue: z.core.$ZodIssue): string {
  const at = issue.path.join('.');
  if (issue.code === 'unrecognized_keys')
    return `has unknown keys${at ? ` in its ${at}` : ''}, with which the server does not start: ${namesOf(issue.keys)}`;
  return at ? `has a ${at} that is not ${issue.message}` : `is not ${issue.message}`;
}

/** What is no key by its looks may be a password that came there by a slip. */
function namesOf(keys: string[]): string {
  const plain = keys.filter((key) => /^[a-z_]{1,30}$/.test(key));
  const others = keys.length - plain.length;
  const hidden = others === 1 ? 'is not shown, since it may be a secret' : 'are not shown, since they may be secrets';
  return [...plain, ...(others > 0 ? [`${others} that ${hidden}`] : [])].join(', ');
}
