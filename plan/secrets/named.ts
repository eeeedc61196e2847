// Which settings are secrets by the name of their key, in any spelling. Pure.
import { nobody } from './ours.ts';

/** Names as they are without case and separators: aws_secret_access_key, AwsSecretAccessKey and "AWS secret access key" are one. */
const anywhere =
  /passw|passphrase|passcode|kennwort|secret|token(?!iz)|credential|authorization|bearer|cookie|jwt|webhook|htpasswd|connectionstring|datasourcename|basicauthusers|signature|dockerconfigjson/;
const atEnd = /(?:(?<!by|com|tres)pass|pwd|pw|psk|auth|creds|dsn|otp|nkeyseed|sess(?:ion)?id|^sig|slack(?:api)?url)$/;
/** A key of something, such as apiKey; but for those that only name or sort. */
const key =
  /(?<!^|public|primary|foreign|partition|sort|cache|dedup|group|index|order|map|topology|hot|mon|tur|don)keys?$/;
/** Which of several, or how it is written: API_KEY_PROD, client-key-data. */
const which =
  /(?:prod|production|staging|dev|test|live|old|new|previous|current|backup|base64|b64|hex|pem|data|v?\d+)+$/;
/** Tells of a secret, and is none: secretName, token_type, auth_url. */
const about =
  /(?:(?<!datasource)name|type|mode|method|scheme|alg|algorithm|policy|issuer|domain|audience|format|endpoint|(?:token|auth)ur[il])$/;
/** A program that deals with secrets: webhook_agent, token-server-2. */
const program =
  /(?:agent|server|service|container|image|manager|store|(?<!git)hub|relay|gateway|proxy|exporter|worker|daemon|broker|operator|controller|refresher|rotator|sidecar|sync)s?\d*$/;

export function isNamedSecret(name: string, ours = nobody): boolean {
  // Also behind other words: "agent webhook_agent".
  if (ours.has(name.slice(name.lastIndexOf(' ') + 1))) return false;
  const glued = name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  if (about.test(glued) || program.test(glued)) return false;
  const bare = glued.replace(which, '');
  return anywhere.test(glued) || atEnd.test(bare) || key.test(bare);
}

/** An environment's variable is no value, unless it brings one along (`${NAME:-value}`). */
const plain =
  /^(?:true|false|yes|no|on|off|null|nil|none|undefined|enabled|disabled|~|\*+|<secret>|\$\{[A-Z_][A-Z0-9_]*\})?$/i;
const filePath = /^(?:\$\{\w+\}|[\w.~-])*(?:\/[\w.@~-]+)+\/?$|^[\w-]+\.\w{1,6}$/;
const systemPath = /^\/(?:etc|run|var|opt|srv|usr|home|root)\/\S+$/;
const amount = /^\d+(?:[._]\d+)*\s?(?:ms|s|sec|m|min|h|d|w|[kmg]i?b)?$/i;
const measured =
  /(?:^|_)(?:ttl|max|min|limit|limits|length|len|size|count|total|per|hits|misses|errors|failures|requests|refreshes|bucket|age|expiry|expires|lifetime|timeout|interval|rounds|retries|rate|burst|days|hours|minutes|seconds|secs|ms)(?:_|$)/;
/** A number of such is how many there are. */
const counted = /(?:tokens|secrets|webhooks|keys)$/i;

/** Whether the value of such a key tells nothing: it is empty, a switch, an amount, starred by somebody, or says where the secret is. */
export function isHarmless(name: string, value: string): boolean {
  if (plain.test(value) || systemPath.test(value)) return true;
  if (/(?:file|path|dir|^(?:old)?pwd)$/i.test(name) && filePath.test(value)) return true;
  if (counted.test(name) && /^\d{1,9}$/.test(value)) return true;
  return amount.test(value) && measured.test(words(name));
}

/** tokenBucket → token_bucket. */
function words(name: string): string {
  return name
    .replaceAll(/([a-z\d])([A-Z])/g, '$1_$2')
    .replaceAll(/[^A-Za-z\d]+/g, '_')
    .toLowerCase();
}
