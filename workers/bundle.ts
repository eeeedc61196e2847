// Run by `npm run build`: bundles the workflow and all that it imports into one file.
import { writeFile } from 'node:fs/promises';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { workflowBundle, workflowFile } from './build.ts';

const { code } = await bundleWorkflowCode({ workflowsPath: workflowFile, logger: new DefaultLogger('WARN') });
await writeFile(workflowBundle, code);
