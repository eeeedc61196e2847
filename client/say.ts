// Lines for who gave the command.
export function say(lines: string[]): void {
  process.stdout.write(lines.map((line) => `${line}\n`).join(''));
}
