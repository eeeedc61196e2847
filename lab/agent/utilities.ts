// The utility functions of kind unified_utils_agent, as HTTP handlers.
import { createHash, randomUUID } from 'node:crypto';
import { z } from 'zod';
import { json, type Handler } from './server.ts';

const Text = z.object({ text: z.string() });

export const utilityRoutes: Record<string, Handler> = {
  'POST /utils/hash': (body) => json({ sha256: createHash('sha256').update(Text.parse(body).text).digest('hex') }),
  'POST /utils/slug': (body) => json({ slug: slug(Text.parse(body).text) }),
  'GET /utils/time': () => json({ time: new Date().toISOString() }),
  'GET /utils/uuid': () => json({ uuid: randomUUID() }),
};

function slug(text: string): string {
  const plain = text
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .toLowerCase();
  return plain.replace(/[^\p{Letter}\p{Number}]+/gu, '-').replace(/^-|-$/g, '');
}
