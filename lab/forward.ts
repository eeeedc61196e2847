// A program that passes TCP connections on, so that lab machines reach a server on the host's loopback: forward.js LISTEN-HOST LISTEN-PORT TO-HOST TO-PORT
import { connect, createServer } from 'node:net';

const [listenHost, listenPort, toHost, toPort] = process.argv.slice(2);
if (!listenHost || !listenPort || !toHost || !toPort)
  throw new Error('forward.js wants four arguments: LISTEN-HOST LISTEN-PORT TO-HOST TO-PORT');

createServer({ allowHalfOpen: true }, (incoming) => {
  const outgoing = connect({ host: toHost, port: Number(toPort), allowHalfOpen: true });
  incoming.pipe(outgoing).pipe(incoming);
  // Either end that breaks takes the other with it, so that a client notices a dead server at once.
  incoming.on('error', () => outgoing.destroy()).on('close', () => outgoing.destroy());
  outgoing.on('error', () => incoming.destroy()).on('close', () => incoming.destroy());
}).listen(Number(listenPort), listenHost);
