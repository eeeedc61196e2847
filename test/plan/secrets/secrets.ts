// Secrets of every kind of character, names of secrets and of what is none.
import fc, { type Arbitrary } from 'fast-check';

export const wordCharacter = 'abcdefgXYZ0123456789';
export const anyCharacter = `${wordCharacter}   #:,=&;|{}[]<>@!?*%$^~+/\\-_.'"äß☃`;

/** No part of it is in any other text of a test. */
export function secret(alphabet = anyCharacter): Arbitrary<string> {
  const inner = fc.array(fc.constantFrom(...alphabet), { minLength: 6, maxLength: 25 });
  return inner.map((characters) => `Zq${characters.join('')}qZ`);
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
];
