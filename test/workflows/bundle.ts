// The workflows as a bundle, made once for all test files: webpack takes seconds, and nothing changes between them.
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger, type WorkflowBundle } from '@temporalio/worker';

const root = new URL('../../', import.meta.url).pathname;

export async function workflowBundle(): Promise<WorkflowBundle> {
  const kept = join(tmpdir(), `hubshift-workflows-${digestOf(['workflows', 'plan'])}.js`);
  if (existsSync(kept)) return { code: readFileSync(kept, 'utf8') };
  const bundle = await bundleWorkflowCode({
    workflowsPath: join(root, 'workflows/index.ts'),
    logger: new DefaultLogger('WARN'),
  });
  const fresh = `${kept}.${randomUUID()}`;
  writeFileSync(fresh, bundle.code);
  renameSync(fresh, kept);
  return bundle;
}

/** Of every source that can be in the bundle, and of the versions of the libraries. */
function digestOf(directories: string[]): string {
  const hash = createHash('sha256').update(readFileSync(join(root, 'package-lock.json')));
  for (const directory of directories) {
    const files = readdirSync(join(root, directory), { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.ts'),
    );
    for (const file of files.sort()) hash.update(file).update(readFileSync(join(root, directory, file)));
  }
  return hash.digest('hex').slice(0, 16);
}
