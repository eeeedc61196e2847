// The names of things, which begin no setting: those of plans, of asks and of undos, and no path or word that is the key of a secret everywhere.
import { expect, it } from 'vitest';
import { namesOf } from '../../../plan/secrets/ours.ts';
import { redact } from '../../../plan/secrets/redact.ts';
import { plan } from '../../client/fixtures.ts';

it('has the machines, agents and services of a plan', () => {
  expect([...namesOf(plan)]).toEqual(expect.arrayContaining(['MainPC', 'PC2', 'resource_manager', 'edgehub']));
});

it('has an image with and without its registry and tag', () => {
  expect([...namesOf({ image: 'registry:5000/ops/vault-token:1.2' })]).toContain('vault-token');
});

it('has no path, and no word that is the key of a secret wherever it stands', () => {
  const asked = {
    binds: [{ host: '/pc2/password', container: '/etc/nats/db_password' }],
    functions: [{ name: 'token' }, { name: 'API_KEY' }],
    command: ['--cookie', 'x'],
  };
  expect([...namesOf(asked)]).toEqual([]);
  expect(redact('db_password: hunter2; token: hunter2', namesOf(asked))).not.toContain('hunter2');
});
