// Which settings are secrets by the name of their key, in any spelling. Pure.

/** Names as they are without case and separators: aws_secret_access_key, AwsSecretAccessKey and "AWS secret access key" are one. */
const anywhere =
  /passw|passphrase|passcode|kennwort|secret|token|credential|authorization|bearer|cookie|jwt|webhook|htpasswd|connectionstring|signature/;
const atEnd = /(?:(?<!by|com|tres)pass|pwd|pw|psk|auth|creds|dsn|^sig|slackurl|apiurl)$/;
/** A key of something, such as apiKey; but for those that only name or sort. */
const key =
  /(?<!^|public|primary|foreign|partition|sort|cache|dedup|group|index|order|map|topology|hot|mon|tur|don)keys?$/;

export function isNamedSecret(name: string): boolean {
  const glued = name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  return anywhere.test(glued) || atEnd.test(glued) || key.test(glued);
}

/** Whether the value of such a key tells nothing: it is empty, a switch, starred by somebody, or says in which file the secret is. */
export function isHarmless(name: string, value: string): boolean {
  return (
    /^(?:true|false|yes|no|on|off|null|nil|none|undefined|~|\*+|<secret>)?$/i.test(value) ||
    (/(?:file|path|dir|^(?:old)?pwd)$/i.test(name) && /^(?:~|\.{0,2})\/\S*$/.test(value))
  );
}
