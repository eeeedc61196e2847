// What was found in a setting at fault is named, but for a secret, of which only the kind is.
import { expect, it } from 'vitest';
import { foundText } from '../../../plan/secrets/found.ts';

it.each([
  [['retention'], 'five', '"five"'],
  [['retention'], undefined, 'nothing'],
  [['channels', 0, 'secret'], 'https://PC2/x', 'a string'],
  [['environment', 'API_KEY'], 12345678, 'a number'],
  [['tokens', 1], ['x'], 'a list'],
  [['nats_url'], 'nats://bob:hunter2@PC2', '"nats://bob:…@PC2"'],
  [['basicAuth', 'username'], 'site:hunter2', '"site:…"'],
  [['basicAuth', 'username'], 'site', '"site"'],
  [['title'], 'x'.repeat(80), `"${'x'.repeat(56)}...`],
])('at %j, %j is %s', (path, value, text) => expect(foundText(path, value, 60)).toBe(text));
