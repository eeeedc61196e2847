// What is read back of a Pushgateway, where that refuses who reads.
import { expect, it } from 'vitest';
import { pushgatewayActivities } from '../../../activities/prometheus/pushgateway.ts';
import { serve } from '../local-server.ts';
import { temporaryMachine } from '../machine.ts';

it.each([
  [401, 'NotSeen'],
  [500, 'Error'],
])('an answer of %i is told as %s', async (status, name) => {
  const { url } = await serve((_, answer) => answer.writeHead(status).end());
  const { readPushed } = pushgatewayActivities(await temporaryMachine());
  const ask = { gateway: new URL(url).origin, job: 'j', instance: 'i', metric: 'm' };
  await expect(readPushed(ask)).rejects.toMatchObject({
    name,
    message: expect.stringMatching(new RegExp(`^PC2 can't read m back: .* answered ${status}`)),
  });
});
