// Images: found here, pulled, or neither.
import { describe, expect, it } from 'vitest';
import { hostOf } from '../../../activities/context/host.ts';
import { digestOf, ensureImage, repositoryOf, resolveImage, tagged } from '../../../activities/docker/images.ts';
import { toyDocker } from './toy-docker.ts';

async function machine() {
  const toy = await toyDocker();
  return {
    toy,
    host: hostOf({
      name: 'PC2',
      address: '127.0.0.1',
      root: '/',
      docker: toy.socketPath,
      supervisor: '/none',
      state: '/none',
    }),
  };
}

describe('ensureImage', () => {
  it('takes what is here, with its digest where there is one', async () => {
    const { toy, host } = await machine();
    toy.images.set('nats:latest', { Id: 'sha256:1', RepoDigests: ['nats@sha256:d'] });
    toy.images.set('loaded:1', { Id: 'sha256:2', RepoDigests: [] });
    expect(await ensureImage(host, 'nats:latest')).toEqual({
      image: 'nats:latest',
      id: 'sha256:1',
      digest: 'nats@sha256:d',
      pulled: false,
    });
    expect(await ensureImage(host, 'loaded:1')).toMatchObject({ digest: null, pulled: false });
    expect(toy.requests.every((request) => request.startsWith('GET'))).toBe(true);
  });

  it('pulls what is not, and says so', async () => {
    const { toy, host } = await machine();
    toy.pull = [{ status: 'Pulling' }, { status: 'Done' }];
    toy.intercept = (request) => {
      if (request.startsWith('POST create')) toy.images.set('nats', { Id: 'sha256:1', RepoDigests: ['nats@sha256:d'] });
      return undefined;
    };
    expect(await ensureImage(host, 'nats')).toEqual({
      image: 'nats',
      id: 'sha256:1',
      digest: 'nats@sha256:d',
      pulled: true,
    });
  });

  it('sees an error in the middle of the progress, and says how to bring the image here', async () => {
    const { toy, host } = await machine();
    toy.pull = [{ status: 'Pulling' }, { error: 'unexpected EOF' }];
    await expect(ensureImage(host, 'nats:2')).rejects.toThrow(
      /Docker on PC2 could not pull nats:2: unexpected EOF.*docker save nats:2/,
    );
  });

  it("names Docker's disk where that is full, and no registry", async () => {
    const { toy, host } = await machine();
    toy.pull = [{ status: 'Extracting' }, { error: 'write /bin/nats: no space left on device' }];
    await expect(ensureImage(host, 'nats:2')).rejects.toThrow(
      /^Docker on PC2 could not pull nats:2: write \/bin\/nats: no space left on device: the disk with Docker's data is full, free some space there$/,
    );
  });

  it('does not try to pull an image id', async () => {
    const { toy, host } = await machine();
    await expect(ensureImage(host, 'sha256:0')).rejects.toMatchObject({ type: 'ImageMissing', nonRetryable: true });
    expect(toy.requests).toEqual(['GET inspect sha256:0']);
  });
});

describe('resolveImage', () => {
  it('asks the registry for the digest of what is not here, and never pulls', async () => {
    const { toy, host } = await machine();
    toy.intercept = (request) =>
      request === 'GET inspect nats:2' && toy.requests.length === 2
        ? { status: 200, body: { Descriptor: { digest: 'sha256:r' } } }
        : undefined;
    expect(await resolveImage(host, 'nats:2')).toEqual({
      image: 'nats:2',
      id: '',
      digest: 'nats@sha256:r',
      pulled: false,
    });
    expect(toy.requests).toEqual(['GET inspect nats:2', 'GET inspect nats:2']);
  });

  it('gives null when neither has it', async () => {
    const { toy, host } = await machine();
    toy.intercept = () => (toy.requests.length === 2 ? { status: 500, body: { message: 'no such host' } } : undefined);
    expect(await resolveImage(host, 'nats:2')).toBeNull();
  });
});

it("takes the digest of the repository that was asked for, and another's where there is no such", () => {
  expect(digestOf('docker.io/library/nats:2', ['mirror.example/nats@sha256:m', 'nats@sha256:n'])).toBe('nats@sha256:n');
  expect(digestOf('nats:2', ['mirror.example/nats@sha256:m'])).toBe('mirror.example/nats@sha256:m');
  expect(digestOf('nats:2', [])).toBeNull();
});

it('knows a tag from the port of a registry', () => {
  expect(['nats', 'reg:5000/nats', 'reg:5000/nats:2', 'nats@sha256:d'].map(tagged)).toEqual([
    'nats:latest',
    'reg:5000/nats:latest',
    'reg:5000/nats:2',
    'nats@sha256:d',
  ]);
  expect(['docker.io/prom/prometheus:latest', 'reg:5000/nats', 'nats:2@sha256:d'].map(repositoryOf)).toEqual([
    'prom/prometheus',
    'reg:5000/nats',
    'nats',
  ]);
});
