// The connection to Temporal, with a time-out on everything.
import { Client, Connection, isGrpcServiceError, QueryNotRegisteredError, ServiceError } from '@temporalio/client';
import { redact } from '../../plan/secrets/redact.ts';
import { exitCodes, Failure } from '../failure.ts';
import { temporalSettings } from './settings.ts';

const connectMs = 3_000;
const requestMs = 5_000;

/** Connects, works, disconnects. Throws Failure (unreachable) when Temporal does not answer. */
export async function withClient<T>(work: (client: Client) => Promise<T>): Promise<T> {
  const { connectionOptions, namespace, address } = temporalSettings();
  let connection: Connection;
  try {
    connection = await Connection.connect({ ...connectionOptions, connectTimeout: connectMs });
  } catch (error) {
    throw new Failure(
      `Temporal does not answer at ${address} (${reason(error)}). Start it, or name another with TEMPORAL_ADDRESS or temporal.toml.`,
      exitCodes.unreachable,
    );
  }
  try {
    return await work(new Client({ connection, namespace }));
  } catch (error) {
    if (isUnreachable(error))
      throw new Failure(
        `Temporal at ${address} stopped answering (${reason(error)}). Look at the server and run the command again.`,
        exitCodes.unreachable,
      );
    throw error;
  } finally {
    await connection.close();
  }
}

/** One request to the server, ended after `withinMs`. */
export async function request<T>(client: Client, work: () => Promise<T>, withinMs = requestMs): Promise<T> {
  return client.connection.withDeadline(Date.now() + withinMs, work);
}

const grpc = { invalidArgument: 3, deadlineExceeded: 4, unavailable: 14 } as const;

/** No connection, or no answer in time. */
export function isUnreachable(error: unknown): boolean {
  const code = grpcCode(error);
  return code === grpc.unavailable || code === grpc.deadlineExceeded;
}

/** The server answered for a worker that did not, or that could not. */
export function isUnanswered(error: unknown): boolean {
  return grpcCode(error) !== undefined && grpcCode(error) !== grpc.unavailable;
}

/** Nothing came in time: most often no worker is there. */
export function isLate(error: unknown): boolean {
  return grpcCode(error) === grpc.deadlineExceeded;
}

export function isInvalidArgument(error: unknown): boolean {
  return grpcCode(error) === grpc.invalidArgument;
}

/** The innermost words of an error: gRPC's details where there are any. */
export function reason(error: unknown): string {
  const inner = error instanceof Error && error.cause ? error.cause : error;
  if (isGrpcServiceError(inner)) return redact(inner.details);
  return redact(inner instanceof Error ? inner.message : String(inner));
}

function grpcCode(error: unknown): number | undefined {
  if (isGrpcServiceError(error) || error instanceof QueryNotRegisteredError) return error.code;
  return error instanceof ServiceError && isGrpcServiceError(error.cause) ? error.cause.code : undefined;
}
