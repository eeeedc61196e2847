// What was found in a setting at fault is named, but for a secret, of which only the kind is.
import { expect, it } from 'vitest';
import { foundText } from '../../../plan/secrets/found.ts';
import { redact } from '../../../plan/secrets/redact.ts';
import { validateDualHub } from '../../../plan/tasks/pilots/dual-hub.ts';

it.each([
  [['retention'], 'five', '"five"'],
  [['retention'], undefined, 'nothing'],
  [['channels', 0, 'secret'], 'https://PC2/x', 'a string'],
  [['environment', 'API_KEY'], 12345678, 'a number'],
  [['tokens', 1], ['x'], 'a list'],
  [['nats_url'], 'nats://bob:hunter2@PC2', '"nats://bob:…@PC2"'],
  [['title'], 'x'.repeat(80), `"${'x'.repeat(56)}...`],
])('at %j, %j is %s', (path, value, text) => expect(foundText(path, value, 60)).toBe(text));

it("an agent's setting at fault is still explained when its name is that of a secret", () => {
  const { message } = validateDualHub('environment:\n  API_KEY: 12345678\n');
  const line = redact(message)
    .split('\n')
    .find((one) => one.includes('API_KEY'));
  expect(line).toBe('line 2: environment.API_KEY, a text, in quotes if it is a number is wanted; found a number');
});
