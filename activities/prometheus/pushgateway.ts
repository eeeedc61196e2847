// Pushgateways: one test metric pushed, read back and deleted again.
import type { PrometheusActivities } from '../../plan/machine-api/prometheus.ts';
import { below, type HttpTarget } from '../../plan/machine-api/target.ts';
import { cancelled } from '../context/cancellation.ts';
import type { Host } from '../context/host.ts';
import type { Reach } from '../http/reach.ts';
import { NotSeen } from '../http/refused.ts';
import { bodyOf, probed } from '../http/request.ts';

interface Group {
  gateway: HttpTarget;
  job: string;
  instance: string;
}

export function pushgatewayActivities(
  host: Host,
): Pick<PrometheusActivities, 'pushMetric' | 'readPushed' | 'deletePushed'> {
  return {
    // PUT replaces the whole group, so that a second push leaves the same.
    pushMetric: ({ metric, value, ...group }) =>
      probed(
        groupAt(host, group),
        { method: 'PUT', headers: { 'content-type': 'text/plain; version=0.0.4' }, body: `${metric} ${value}\n` },
        accepted,
      ),

    async readPushed({ gateway, job, instance, metric }) {
      const text = await bodyOf(below(host.reach(gateway), '/api/v1/metrics')).catch((error: Error) => {
        cancelled().throwIfAborted();
        throw new (error instanceof NotSeen ? NotSeen : Error)(
          `${host.machine} can't read ${metric} back: ${error.message}`,
          { cause: error },
        );
      });
      const { data } = JSON.parse(text) as { data: PushedGroup[] };
      const group = data.find(({ labels }) => labels.job === job && labels.instance === instance);
      const sample = (group?.[metric] as PushedMetric | undefined)?.metrics[0];
      return { value: sample ? Number(sample.value) : null };
    },

    deletePushed: (group) => probed(groupAt(host, group), { method: 'DELETE' }, accepted),
  };
}

/** As the gateway's API gives a group: its labels, and each metric under its own name. */
type PushedGroup = { labels: Record<string, string> } & Record<string, unknown>;
interface PushedMetric {
  metrics: { value: string }[];
}

function groupAt(host: Host, { gateway, job, instance }: Group): string | Reach {
  return below(host.reach(gateway), `/metrics/job/${encodeURIComponent(job)}/instance/${encodeURIComponent(instance)}`);
}

function accepted(status: number): boolean {
  return status >= 200 && status < 300;
}
