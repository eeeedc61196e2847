// An agent for tests: reads its YAML when it starts, shows it at /health, writes it again and takes its time to end if that says so, and with --check only says whether it loads.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';

const [file, ...options] = process.argv.slice(2);
const text = readFileSync(file, 'utf8');
if (text.includes('does_not_load')) {
  console.error('ERROR does_not_load: no such setting');
  process.exit(1);
}
if (options.includes('--check')) {
  console.log('ok');
  process.exit(0);
}
if (text.includes('writes_itself: true')) writeFileSync(file, text);
const health = { sha256: createHash('sha256').update(text).digest('hex'), pid: process.pid };
const status = text.includes('unwell: true') ? 503 : 200;
createServer((_request, response) =>
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(health)),
).listen(Number(process.env.PORT), '127.0.0.1');
const lastsMs = 1_000 * Number(/^ends_after: (\d+)$/m.exec(text)?.[1] ?? 0);
process.on('SIGTERM', () => setTimeout(() => process.exit(0), lastsMs));
