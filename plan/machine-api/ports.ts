// Published TCP ports of a container: as data, and as the text that people read and that earlier builds send and want.
import { spelt } from '../addresses.ts';
import type { ContainerState, Port, Published } from './containers.ts';
import type { PortHolder } from './host.ts';

/** "9100->9090", as Docker writes it. */
export function portText({ host, container }: Port): string {
  return `${host}->${container}`;
}

/** With the addresses, in whatever order and spelling they were said. */
export function publishedText({ addresses, ...port }: Published): string {
  const where = addresses ? `${addresses.map(spelt).sort().join(', ')}: ` : '';
  return `${where}${portText(port)}`;
}

/** The ports of a container as its specification has them published. */
export function portsAt(ports: Port[], addresses: string[] | undefined): Published[] {
  return ports.map((port) => ({ ...port, ...(addresses && { addresses }) }));
}

/** Of either build's answer: a worker, or a recorded week, from before `published` has only the texts. */
export function publishedPorts({ published, ports }: Pick<ContainerState, 'published' | 'ports'>): Published[] {
  return (
    published ??
    ports.flatMap((text) => {
      const [, host, container] = /^(\d+)->(\d+)$/.exec(text) ?? [];
      return host && container ? [{ host: Number(host), container: Number(container) }] : [];
    })
  );
}

/** At the addresses that are wanted, and at no other. */
export function isPublished(port: Published, published: Published[]): boolean {
  return published.some((one) => publishedText(one) === publishedText(port));
}

/** Who holds a port, for people. */
export function heldBy({ container, process, pid }: PortHolder): string {
  return container ? `container ${container}` : `${process ?? 'a process'} (pid ${pid ?? '?'})`;
}
