// Log lines on stdout: `2026-11-23T19:07:47.123Z INFO message key=value`.

type Fields = Record<string, string | number | boolean | null>;

export interface Log {
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
}

export function createLog(write: (line: string) => void): Log {
  function at(level: string) {
    return (message: string, fields: Fields = {}) => {
      const pairs = Object.entries(fields).map(([key, value]) => ` ${key}=${spell(String(value))}`);
      write(`${new Date().toISOString()} ${level} ${message}${pairs.join('')}\n`);
    };
  }
  return { info: at('INFO'), warn: at('WARN'), error: at('ERROR') };
}

function spell(value: string): string {
  return /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
}
