// What one NATS server says of its cluster on its monitoring pages.
import type { ClusterView } from '../../plan/machine-api/nats.ts';
import { until } from '../context/polling.ts';
import type { Host } from '../context/host.ts';
import { bodyOf } from '../http/request.ts';

type Seen = Omit<ClusterView, 'waitedMs'>;

/** Asks until the server sees `nodes` distinct servers, itself included, and a meta leader, or the time is over. */
export async function natsCluster(
  host: Host,
  { monitor, nodes, withinMs }: { monitor: string; nodes: number; withinMs: number },
): Promise<ClusterView> {
  const none: Seen = { server: '', cluster: '', remotes: [], jetstream: false, metaLeader: null, metaSize: 0 };
  const look = (): Promise<Seen> =>
    view(monitor).catch((error: Error) => ({ ...none, error: `${host.machine}: ${error.message}` }));
  const { value, waitedMs } = await until(
    withinMs,
    look,
    ({ remotes, metaLeader }) => remotes.length + 1 >= nodes && metaLeader !== null,
  );
  return { ...value, waitedMs };
}

/** Throws when one of the pages does not answer. */
export async function view(monitor: string, timeoutMs?: number): Promise<Seen> {
  const page = async <T>(path: string): Promise<T> =>
    JSON.parse(await bodyOf(new URL(path, monitor).href, { timeoutMs })) as T;
  const [varz, routez, jsz] = await Promise.all([
    page<{ server_name: string; cluster?: { name?: string } }>('/varz'),
    page<{ routes?: { remote_name?: string }[] }>('/routez'),
    page<{ disabled?: boolean; meta_cluster?: { leader?: string; cluster_size?: number } }>('/jsz'),
  ]);
  // Routes are pooled: several connections to each server.
  const remotes = [...new Set((routez.routes ?? []).flatMap(({ remote_name }) => remote_name ?? []))].sort();
  return {
    server: varz.server_name,
    cluster: varz.cluster?.name ?? '',
    remotes,
    jetstream: !jsz.disabled,
    metaLeader: jsz.meta_cluster?.leader || null,
    metaSize: jsz.meta_cluster?.cluster_size ?? 0,
  };
}
