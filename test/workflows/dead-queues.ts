// Activities in queues that no worker serves. Temporal ends one there as soon as it is cancelled; its test server waits for a worker.
import { setTimeout as delay } from 'node:timers/promises';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { WorkflowHandle } from '@temporalio/client';

/** Ends what is cancelled in these queues, until `over`. */
export async function endCancelled(
  env: TestWorkflowEnvironment,
  { workflowId }: WorkflowHandle,
  queues: ReadonlySet<string>,
  over: AbortSignal,
): Promise<void> {
  const { connection, client } = env;
  for (; !over.aborted; await delay(100)) {
    if (queues.size === 0) continue;
    try {
      const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
      const asked = new Set(
        (events ?? []).map((event) => String(event.activityTaskCancelRequestedEventAttributes?.scheduledEventId)),
      );
      const ended = new Set(
        (events ?? []).map((event) => String(event.activityTaskCanceledEventAttributes?.scheduledEventId)),
      );
      for (const { eventId, activityTaskScheduledEventAttributes: activity } of events ?? [])
        if (asked.has(String(eventId)) && !ended.has(String(eventId)) && queues.has(activity?.taskQueue?.name ?? ''))
          await connection.workflowService.respondActivityTaskCanceledById({
            namespace: 'default',
            workflowId,
            activityId: activity!.activityId!,
          });
    } catch {
      // Between two histories; the next look finds what is left.
    }
  }
}
