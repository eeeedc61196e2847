// The histories of a week, as Temporal keeps them: one for each continue-as-new.
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';

export type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;
export type HistoryEvent = NonNullable<History['events']>[number];

/** From the first run on, in their order. */
export async function historiesOf(
  { env }: { env: TestWorkflowEnvironment },
  workflowId: string,
  firstRun: string,
): Promise<History[]> {
  // The test server gives a history as one message, of more than the 4 MiB that a client takes by default.
  const connection = await Connection.connect({
    address: env.address,
    channelArgs: { 'grpc.max_receive_message_length': -1, 'grpc.enable_http_proxy': 0 },
  });
  const client = new Client({ connection });
  const histories: History[] = [];
  for (let runId: string | undefined = firstRun; runId;) {
    const history: History = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    histories.push(history);
    runId = history.events?.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId ?? undefined;
  }
  await connection.close();
  return histories;
}
