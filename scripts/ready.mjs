// Makes a fresh clone ready to run: packages from the lock file, then the build. Plain JavaScript: nothing is installed yet.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const began = performance.now();
const sources = ['plan', 'workflows', 'activities', 'workers', 'client', 'lab'];

function say(what) {
  console.log(`[${((performance.now() - began) / 1000).toFixed(1).padStart(6)}s] ${what}`);
}

function fail(message) {
  console.error(message);
  process.exit(1);
}

function npm(mend, ...args) {
  const { status, error } = spawnSync('npm', args, { stdio: ['ignore', 'inherit', 'inherit'], timeout: 15 * 60_000 });
  if (status !== 0) fail(`npm ${args.join(' ')} failed${error ? `: ${error.message}` : ''}. ${mend}`);
}

const changedAt = (path) => (existsSync(path) ? statSync(path).mtimeMs : 0);

function newest(directory) {
  return Math.max(
    ...readdirSync(directory, { withFileTypes: true }).map((entry) =>
      entry.isDirectory() ? newest(join(directory, entry.name)) : changedAt(join(directory, entry.name)),
    ),
  );
}

// The floor is of the form ">=20.19"; test/packages.test.ts holds it to what the packages want.
const floor = JSON.parse(readFileSync('package.json', 'utf8')).engines.node.slice('>='.length).split('.').map(Number);
const here = process.versions.node.split('.').map(Number);
if (here[0] < floor[0] || (here[0] === floor[0] && here[1] < floor[1]))
  fail(
    `Node ${floor.join('.')} or newer is needed; this is ${process.version}. Install it from your distribution or nodejs.org.`,
  );

if (changedAt('node_modules/.package-lock.json') < changedAt('package-lock.json')) {
  say('packages: npm ci');
  npm(
    'It needs a package registry (npm ping) and room on the disk (df -h .).',
    'ci',
    '--no-audit',
    '--no-fund',
    '--ignore-scripts',
  );
}
if (changedAt('dist/workflow-bundle.js') < Math.max(...sources.map(newest), changedAt('package.json'))) {
  say('build');
  npm('The sources do not compile as they are; git status shows what was changed.', 'run', '--silent', 'build');
}
say('ready');
