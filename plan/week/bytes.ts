// How much of a payload something takes: bytes of JSON, as UTF-8.

export function bytesOf(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value)).length;
}
