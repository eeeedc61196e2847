// A week's changes on one machine, of each kind that has a file, with what was there before.
import { agentConfigActivities } from '../../../activities/agents/config.ts';
import { deployActivities } from '../../../activities/agents/deploy.ts';
import type { Host } from '../../../activities/context/host.ts';
import { fileActivities } from '../../../activities/files/files.ts';
import type { Ledger } from '../../../activities/ledger/ledger.ts';
import { dualHubEdit } from '../dual-hub.ts';
import { config } from './programs.ts';

export const run = 'week-1';
/** A hub's file, which its container has mounted by itself. */
export const mounted = '/hub/hub.yml';
const plain = '/etc/edge.yml';

export const original: Record<string, string> = {
  [config]: '# an agent\nhub_url: http://MainPC:9000 # Phase 1\n',
  [mounted]: `# the hub of the house\nscrape_configs:\n  - job_name: self\n    static_configs:\n      - targets: [localhost:9090]\n${'# and so on\n'.repeat(20)}`,
  [plain]: 'a: 1\n',
};

/** Does a change, and tells in the recording what the files hold by then. */
export type Tell = (paths: string[], change: () => Promise<unknown>) => Promise<void>;

const step = (name: string) => ({ run, step: name });

export function scrape(host: Host, ledger: Ledger): Promise<unknown> {
  const job = { job_name: 'pushgateway', honor_labels: true, static_configs: [{ targets: ['PC2:9091'] }] };
  const edit = { kind: 'scrape-jobs' as const, jobs: [job] };
  return fileActivities(host, ledger).editFile({ change: step('2B.scrape.central'), path: mounted, edit });
}

/** A change of each kind that has a file. */
export async function changes(host: Host, ledger: Ledger, tell: Tell): Promise<void> {
  const { ensureDirectories, writeFile } = fileActivities(host, ledger);
  const { backupConfig, writeNewConfig } = agentConfigActivities(host, ledger);
  const { deployAgent } = deployActivities(host, ledger);
  const directories = [{ path: '/pc2/observability/data', owner: '65534:65534' }];
  const spec = {
    name: 'agent',
    program: 'agent',
    config,
    healthUrl: 'http://127.0.0.1:1/health',
    startWithinMs: 1_000,
  };
  const [fresh, backup] = ['/pc2/observability/edge.yml', `${config}.backup`];

  await ledger.open(run, 'phase2-week1');
  await tell([], () =>
    ensureDirectories({ change: step('2A.prepare.directories'), base: '/pc2/observability', directories }),
  );
  await tell([fresh], () =>
    writeFile({ change: step('2A.config.global'), path: fresh, content: 'b: 1\n', owner: '0:0' }),
  );
  await tell([plain], () =>
    writeFile({ change: step('2A.config.plain'), path: plain, content: 'a: 2\n', owner: '0:0' }),
  );
  await tell([mounted], () => scrape(host, ledger));
  await tell([backup], () => backupConfig({ change: step('2D.backup'), config }));
  await tell([`${config}.new`], () => writeNewConfig({ change: step('2D.new'), config, edit: dualHubEdit }));
  await tell([config], () => deployAgent({ change: step('2D.deploy.agent'), agent: spec, backup }));
}
