// Secrets of every kind of character, names of secrets and of what is none.
import fc, { type Arbitrary } from 'fast-check';

export const wordCharacter = 'abcdefgXYZ0123456789';
export const anyCharacter = `${wordCharacter}   #:,=&;|{}[]<>@!?*%$^~+/\\-_.'"äß☃`;

/** No part of it is in any other text of a test. */
export function secret(alphabet = anyCharacter): Arbitrary<string> {
  const inner = fc.array(fc.constantFrom(...alphabet), { minLength: 6, maxLength: 25 });
  return inner.map((characters) => `Zq${characters.join('')}qZ`);
}

/** What else is shown: a digest may have the letters of a piece of its secret by chance. */
export function withoutMarks(shown: string): string {
  return shown.replaceAll(/\[secret#[0-9a-f]{8}\]/g, '');
}

export const secretNames = [
  'password',
  'PASSWORD',
  'dbPassword',
  'DB_PASS',
  'smtp-passwd',
  'aws_secret_access_key',
  'AwsSecretAccessKey',
  'clientsecret',
  'authorization',
  'Authorization',
  'passphrase',
  'slack_api_url',
  'api_key',
  'x-api-key',
  'apikey',
  'bearer_token',
  'authToken',
  'credentials',
  'private.key',
  'encryption_key',
  'routing_key',
  'ROOTPW',
  'psk',
  'cookie',
  'webhook_url',
  'API_KEY_PROD',
  'client-key-data',
  'private_key_pem',
  'apiKeyV2',
  'db_pass_old',
  'DATA_SOURCE_NAME',
  'basic_auth_users',
  'admin_password',
  'requirepass',
  'masterauth',
  'pgpassword',
  'sas_token',
  'client_secret',
  'sentry.dsn',
  'nkey_seed',
  'session_id',
  'totp',
];

export const otherNames = [
  'user',
  'name',
  'path',
  'port',
  'scrape_interval',
  'nats_url',
  'health_subject',
  'key',
  'public_key',
  'monkey',
  'bypass',
  'compass',
  'author',
  'job_name',
  'keys_seen_by',
  'api_url',
  'hub_api_url',
  'token_type',
  'secretName',
  'signature_algorithm',
  'jwt_issuer',
  'cookie_domain',
  'tokenizer',
  'monkey_data',
  'contest',
  'keyspace',
  'primary_key',
  'webhook_agent',
  'token-server',
  'secrets-manager-2',
  'auth_proxy',
];
