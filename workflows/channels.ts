// Which channels have no secret, as the control worker knows: asked before a week is begun. Never what the secret is.
import { proxyActivities } from '@temporalio/workflow';
import type { NotifyActivities } from '../activities/control/notify.ts';
import type { Channel } from '../plan/week/notice.ts';

const control = proxyActivities<NotifyActivities>({ startToCloseTimeout: '5s', retry: { maximumAttempts: 2 } });

/** Their names. */
export async function channelsOff({ channels }: { channels: Channel[] }): Promise<string[]> {
  return control.channelsOff({ channels });
}
