// A NATS client of a few lines, so that what our own client library says of a stream has a witness. Speaks the text protocol over TCP.
import { connect } from 'node:net';

/** Sends one request and gives the JSON of the answer. Rejects after 5 s. */
export function natsRequest(
  host: string,
  port: number,
  subject: string,
  payload = '',
): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    const inbox = `_INBOX.${Math.random().toString(36).slice(2)}`;
    let text = '';
    socket.setTimeout(5_000, () => socket.destroy(new Error(`${host}:${port} did not answer ${subject} within 5 s`)));
    socket.on('error', reject);
    socket.on('data', (chunk) => {
      text += chunk.toString();
      if (text.startsWith('INFO') && !socket.bytesWritten) {
        socket.write(
          `CONNECT {"verbose":false,"pedantic":false,"lang":"witness","version":"1","headers":true}\r\nSUB ${inbox} 1\r\nPUB ${subject} ${inbox} ${Buffer.byteLength(payload)}\r\n${payload}\r\n`,
        );
      }
      const message = /^MSG \S+ 1 (\d+)\r\n/m.exec(text);
      if (!message) return;
      const body = text.slice(message.index + message[0].length);
      if (body.length < Number(message[1])) return;
      socket.end();
      resolve(JSON.parse(body.slice(0, Number(message[1]))) as Record<string, unknown>);
    });
  });
}
