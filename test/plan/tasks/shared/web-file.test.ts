// Web configurations as a Prometheus takes them, and those with which it does not start.
import { expect, it } from 'vitest';
import { readWebFile } from '../../../../plan/tasks/shared/web-file.ts';

const pair = 'cert_file: hub.pem, key_file: hub.key';
const tls = (more: string) => `tls_server_config: { ${pair}, ${more} }`;

it.each([
  `tls_server_config: { ${pair} }`,
  tls('client_ca_file: ca.pem, client_auth_type: RequireAndVerifyClientCert, client_allowed_sans: [week]'),
  tls('client_auth_type: VerifyClientCertIfGiven, client_ca_file: ca.pem'),
  tls('client_auth_type: RequestClientCert'),
  tls('min_version: TLS12, max_version: TLS13, prefer_server_cipher_suites: yes'),
  tls('cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256], curve_preferences: [X25519, CurveP256]'),
  tls('client_allowed_sans: [4711], client_auth_type: RequireAnyClientCert'),
  'tls_server_config: { cert: "-----BEGIN", key: "-----BEGIN" }',
])('%s has TLS', (text) => expect(readWebFile(text).tls).toBeDefined());

it.each([
  '',
  '# nothing',
  'tls_server_config:',
  'tls_server_config: {}',
  'tls_server_config: { min_version: TLS12 }',
  'http_server_config: { http2: off, headers: { X-Frame-Options: deny, Strict-Transport-Security: max-age=1 } }',
  'http_server_config: { headers: { X-XSS-Protection: 0 } }',
  'http_server_config: { headers: { X-XSS-Protection: yes, Content-Security-Policy: 2026-01-01 } }',
  'rate_limit: { interval: 100ms, burst: 20 }',
  'rate_limit: { interval: 0s }',
  'basic_auth_users: { week: x }',
])('%j has none', (text) => expect(readWebFile(text)).not.toHaveProperty('tls'));

it.each([
  ['tls_server_config: { cert_file: hub.pem }', 'has a tls_server_config without key_file'],
  ['tls_server_config: { key_file: hub.key }', 'has a tls_server_config without cert_file'],
  ['tls_server_config: { client_auth_type: RequestClientCert }', 'has a tls_server_config without cert_file'],
  [tls('cert: x'), 'has cert and cert_file in its tls_server_config: one of them'],
  [
    tls('client_ca_file: ca.pem'),
    'has a client_ca_file without a client_auth_type, such as RequireAndVerifyClientCert',
  ],
  [
    tls('client_ca_file: ca.pem, client_auth_type: NoClientCert'),
    'has a client_ca_file without a client_auth_type, such as RequireAndVerifyClientCert',
  ],
  [
    tls('client_auth_type: Require'),
    'has a tls_server_config.client_auth_type that is not one of NoClientCert, RequestClientCert, RequireAnyClientCert, VerifyClientCertIfGiven, RequireAndVerifyClientCert',
  ],
  [tls('min_version: "1.2"'), 'has a tls_server_config.min_version that is not TLS10, TLS11, TLS12 or TLS13'],
  [tls('min_version: 1.2'), 'has a tls_server_config.min_version that is not TLS10, TLS11, TLS12 or TLS13'],
  [
    tls('curve_preferences: [P256]'),
    'has a tls_server_config.curve_preferences.0 that is not one of CurveP256, CurveP384, CurveP521, X25519',
  ],
  [
    tls('client_allowed_sans: [week]'),
    'has client_allowed_sans without a client_auth_type that requires a certificate',
  ],
  [tls('ca_file: ca.pem'), 'has unknown keys in its tls_server_config, with which the server does not start: ca_file'],
  ['basic_auth: { week: hunter2 }', 'has unknown keys, with which the server does not start: basic_auth'],
  [
    'week: x\nHunter2 hunter: 1\nhunter2:',
    'has unknown keys, with which the server does not start: week, 2 that are not shown, since they may be secrets',
  ],
  [
    'http_server_config: { headers: { hunter2: 1 } }',
    'has unknown keys in its http_server_config.headers, with which the server does not start: 1 that is not shown, since it may be a secret',
  ],
  [
    'http_server_config: { headers: { X-Frame-Options: hunter2 } }',
    'has a http_server_config.headers.X-Frame-Options that is not deny or sameorigin',
  ],
  [
    'http_server_config: { headers: { X-XSS-Protection: [0] } }',
    'has a http_server_config.headers.X-XSS-Protection that is not a text',
  ],
  ['rate_limit: { interval: often, burst: 1 }', 'has a rate_limit.interval that is not a duration such as 100ms'],
  ['rate_limit: { interval: 1s, burst: many }', 'has a rate_limit.burst that is not a number of requests'],
  ['rate_limit: { interval: 1s }', 'has a rate_limit without a burst, which lets nobody through: burst: 20'],
  ['rate_limit: 5', 'has a rate_limit that is not a map'],
  ['- tls_server_config', 'is not a map: tls_server_config, basic_auth_users …'],
  ['hunter2', 'is not a map: tls_server_config, basic_auth_users …'],
  ['users: {hunter2', "can't be parsed: it is no YAML"],
  ['users: *hunter2', "can't be parsed: it is no YAML"],
  ['rate_limit: {}\nhunter2: x\nhunter2: y', "can't be parsed: a key is there twice"],
  ['rate_limit: {}\n---\nhunter2: x', "can't be parsed: it has more than one document"],
])('%s is refused', (text, why) => expect(() => readWebFile(text)).toThrow(new Error(why)));
