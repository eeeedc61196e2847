// TCP for tests in other network namespaces: tcp.mjs listen PORT | tcp.mjs connect ADDRESS PORT
import { connect, createServer } from 'node:net';

const [what, ...rest] = process.argv.slice(2);
if (what === 'listen') createServer((socket) => socket.end()).listen(Number(rest[0]), () => console.log('listening'));
else {
  const socket = connect({ host: rest[0], port: Number(rest[1]) });
  const over = setTimeout(() => end('nothing'), 700);
  const end = (said) => {
    console.log(said);
    clearTimeout(over);
    socket.destroy();
  };
  socket.once('connect', () => end('connected')).once('error', (error) => end(error.message));
}
