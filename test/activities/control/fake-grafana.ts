// A Grafana of annotations alone, as strict as the real one: its checks, its limits, its answers, and how it reads tags.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';

export interface Entry {
  id: number;
  time: number;
  timeEnd: number;
  text: string;
  tags: string[];
}

const epochMs = z.number().int().min(1_000_000_000_000).max(9_999_999_999_999);
/** 500 is what annotations.tags_length is by default; a tag's key and value have a column of 100 each. */
const tags = z
  .array(z.string().refine((tag) => tag.split(':').every((part) => part.length > 0 && part.length <= 100)))
  .refine((all) => JSON.stringify(all).length <= 500, 'tags length exceeds the maximum allowed');
const text = z.string().min(1, 'text field should not be empty');
const Post = z.strictObject({
  dashboardUID: z.string().optional(),
  panelId: z.number().int().optional(),
  time: epochMs.optional(),
  timeEnd: epochMs.optional(),
  tags: tags.optional(),
  text,
});
const Patch = z.strictObject({ time: epochMs, timeEnd: epochMs, tags, text }).partial();

/** It keeps what is between the first colon and the second as the value of a tag, and nothing after that. */
const read = (tag: string) => tag.split(':', 2).map((part) => part.trim()).join(':'); // prettier-ignore

export interface Grafana {
  url: string;
  entries: Entry[];
  /** METHOD PATH, in their order. */
  asked: string[];
  /** Does to the next requests what it says, before they are looked at: an answer of its own, or taken and never answered. */
  troubles: ({ status: number; location?: string } | 'no answer' | 'fine')[];
  close(): void;
}

export async function fakeGrafana(token: string, base = ''): Promise<Grafana> {
  const entries: Entry[] = [];
  const asked: string[] = [];
  const troubles: Grafana['troubles'] = [];

  function answer(method: string, url: URL, headers: Record<string, unknown>, body: string): [number, unknown] {
    if (headers['authorization'] !== `Bearer ${token}`) return [401, { message: 'Invalid API key' }];
    const path = url.pathname.slice(base.length);
    if (method === 'GET' && path === '/api/annotations') {
      const wanted = url.searchParams.getAll('tags').map(read);
      const limit = Number(url.searchParams.get('limit') ?? 100);
      const found = entries.filter((entry) => wanted.every((tag) => entry.tags.includes(tag)));
      return [200, found.sort((a, b) => b.time - a.time).slice(0, limit)];
    }
    if (headers['content-type'] !== 'application/json') return [415, { message: 'Unsupported media type' }];
    if (method === 'POST' && path === '/api/annotations') {
      const { data, error } = Post.safeParse(JSON.parse(body));
      if (!data) return [400, { message: `Failed to save annotation: ${error.message}` }];
      const time = data.time ?? Date.now();
      const entry = { id: entries.length + 1, time, timeEnd: data.timeEnd ?? time, text: data.text };
      entries.push({ ...entry, tags: (data.tags ?? []).map(read) });
      return [200, { message: 'Annotation added', id: entry.id }];
    }
    const id = Number(/^\/api\/annotations\/(\d+)$/.exec(path)?.[1]);
    const entry = entries.find((one) => one.id === id);
    if (method !== 'PATCH' || !entry) return [404, { message: 'Annotation not found' }];
    const { data, error } = Patch.safeParse(JSON.parse(body));
    if (!data) return [400, { message: `Failed to update annotation: ${error.message}` }];
    Object.assign(entry, data);
    return [200, { message: 'Annotation patched' }];
  }

  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const to = new URL(url, 'http://grafana');
      asked.push(`${method} ${to.pathname}`);
      const trouble = troubles.shift() ?? 'fine';
      if (typeof trouble === 'object')
        return void response.writeHead(trouble.status, { location: trouble.location ?? '' }).end('who are you?');
      const [status, said] = answer(method, to, headers, body);
      if (trouble === 'fine')
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(said));
    });
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${base}`;
  return { url, entries, asked, troubles, close: () => void (server.closeAllConnections(), server.close()) };
}
