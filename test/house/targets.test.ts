// What is asked over HTTP is asked by its target, which knows the login: a URL alone is a string like any other, and no type tells it apart.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');

/** They tell people, files or agents where a hub is. This list may only become shorter. */
const tell = [
  'plan/schema/endpoints.ts',
  'plan/tasks/edgehub/alerts.ts',
  'plan/tasks/edgehub/config.ts',
  'plan/tasks/pilots/config.ts',
  'plan/tasks/shared/gateways.ts',
  'plan/tasks/shared/hubs.ts',
  'workflows/tasks/edgehub/deploy.ts',
];

it('nobody asks a hub, a Pushgateway or an agent by a URL of its own making', () => {
  const files = ['plan', 'workflows', 'activities', 'client'].flatMap((room) =>
    readdirSync(join(root, room), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => join(room, file)),
  );
  const making = /\b(?:hubUrl|gatewayUrl|urlAt)\(/;
  expect(files.filter((file) => making.test(readFileSync(join(root, file), 'utf8'))).sort()).toEqual(tell);
});
