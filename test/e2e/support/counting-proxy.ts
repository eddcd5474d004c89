// A wire between one installer and Cordon that counts what comes back, so that a test can say what a client received.

import type { AddressInfo } from 'node:net';
import { connect, createServer, type Socket } from 'node:net';

export interface CountingProxy {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** bytes that the client got, headers and pages included */
  received(): number;
  /** whether any of it was the beginning of a zip archive */
  sawArchive(): boolean;
  close(): Promise<void>;
}

const LOCAL_HEADER = Buffer.from('PK\x03\x04', 'latin1');

/** @param target `http://127.0.0.1:<port>` */
export async function startCountingProxy(target: string): Promise<CountingProxy> {
  const port = Number(new URL(target).port);
  const sockets = new Set<Socket>();
  let received = 0;
  let sawArchive = false;
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    let tail = Buffer.alloc(0);
    upstream.on('data', (chunk: Buffer) => {
      received += chunk.length;
      const seen = Buffer.concat([tail, chunk]);
      sawArchive ||= seen.includes(LOCAL_HEADER);
      tail = seen.subarray(-3);
    });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => sockets.delete(socket));
    }
    client.pipe(upstream).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    received: () => received,
    sawArchive: () => sawArchive,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
