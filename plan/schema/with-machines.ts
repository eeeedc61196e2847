// A plan's text with other machines in it: names, addresses, and all that refers to them. All else stays, byte for byte.
import { isScalar, parseDocument, stringify, visit, type Scalar } from 'yaml';
import { machineId } from '../names.ts';

export interface NamedAddress {
  name: string;
  address: string;
}

/**
 * Machines that the text knows by name get their address; the others take the places that are left, in order, and every
 * reference follows: `machine:` of services and agents, and subjects that carry a machine's id.
 * Throws RangeError unless there is one for each machine of the text.
 */
export function withMachines(text: string, machines: NamedAddress[]): string {
  const document = parseDocument(text);
  const planned = (document.toJS() as { machines: NamedAddress[] }).machines.map((machine) => machine.name);
  const places = assign(planned, machines);
  const names = new Map(planned.map((old, index) => [old, places[index]!.name]));
  const ids = new Map([...names].map(([old, now]) => [machineId(old), machineId(now)]));

  const edits: { from: number; to: number; text: string }[] = [];
  const put = (scalar: unknown, value: string | undefined) => {
    if (!isScalar(scalar) || !scalar.range || value === undefined || scalar.value === value) return;
    edits.push({ from: scalar.range[0], to: scalar.range[1], text: stringify(value).trimEnd() });
  };
  places.forEach(({ name, address }, index) => {
    put(document.getIn(['machines', index, 'name'], true), name);
    put(document.getIn(['machines', index, 'address'], true), address);
  });
  visit(document, {
    Pair(_, { key, value }) {
      if (!isScalar(key)) return;
      if (key.value === 'machine' && isScalar(value)) put(value, names.get(String(value.value)));
      if (key.value === 'publishes')
        visit(value as Scalar, {
          Scalar: (_, subject) =>
            put(
              subject,
              String(subject.value)
                .split('.')
                .map((part) => ids.get(part) ?? part)
                .join('.'),
            ),
        });
    },
  });
  return edits
    .sort((a, b) => b.from - a.from)
    .reduce((edited, edit) => edited.slice(0, edit.from) + edit.text + edited.slice(edit.to), text);
}

/** The new machine for each planned name: its namesake, else the next one that is nobody's. */
function assign(planned: string[], machines: NamedAddress[]): NamedAddress[] {
  if (machines.length !== planned.length)
    throw new RangeError(
      `The plan has ${planned.length} machines (${planned.join(', ')}); ${machines.length} ${machines.length === 1 ? 'was' : 'were'} given. Say --machine NAME=ADDRESS once for each.`,
    );
  const same = (a: string, b: string) => machineId(a) === machineId(b);
  const twice = machines.find(
    (machine, index) => machines.findIndex((other) => same(other.name, machine.name)) < index,
  );
  if (twice)
    throw new RangeError(
      `The machine ${twice.name} was given twice. Every machine has a name of its own (case is ignored).`,
    );
  const others = machines.filter((machine) => !planned.some((name) => same(name, machine.name)));
  return planned.map((name) => machines.find((machine) => same(name, machine.name)) ?? others.shift()!);
}
