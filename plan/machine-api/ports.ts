// Published TCP ports of a container: as data, and as the text that people read and that earlier builds send and want.
import type { ContainerState, Port } from './containers.ts';
import type { PortHolder } from './host.ts';

/** "9100->9090", as Docker writes it. */
export function portText({ host, container }: Port): string {
  return `${host}->${container}`;
}

/** Of either build's answer: a worker, or a recorded week, from before `published` has only the texts. */
export function publishedPorts({ published, ports }: Pick<ContainerState, 'published' | 'ports'>): Port[] {
  return (
    published ??
    ports.flatMap((text) => {
      const [, host, container] = /^(\d+)->(\d+)$/.exec(text) ?? [];
      return host && container ? [{ host: Number(host), container: Number(container) }] : [];
    })
  );
}

export function isPublished(port: Port, published: Port[]): boolean {
  return published.some(({ host, container }) => host === port.host && container === port.container);
}

/** Who holds a port, for people. */
export function heldBy({ container, process, pid }: PortHolder): string {
  return container ? `container ${container}` : `${process ?? 'a process'} (pid ${pid ?? '?'})`;
}
