import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** What one home's webhook was told: delivery ids with their tasks, as often as they came. */
export interface Told {
  id: string;
  taskId: string;
}

export interface Receiver {
  url: (home: string) => string;
  /** Accepted requests only. */
  told(home: string): readonly Told[];
  close(): Promise<void>;
}

/** A webhook receiver that is down whenever it is called about a delivery for the first time. */
export async function openReceiver(): Promise<Receiver> {
  const accepted = new Map<string, Told[]>();
  const refused = new Set<string>();
  const server = createServer((request, response) => {
    const home = request.url ?? '';
    void text(request)
      .then((body) => {
        const { id, taskId } = JSON.parse(body) as Told;
        if (!refused.has(home + id)) {
          refused.add(home + id);
          request.socket.destroy();
          return;
        }
        accepted.set(home, [...(accepted.get(home) ?? []), { id, taskId }]);
        response.writeHead(204).end();
      })
      .catch(() => request.socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const pathOf = (home: string): string => `/${encodeURIComponent(home)}`;
  return {
    url: (home) => `http://127.0.0.1:${port}${pathOf(home)}`,
    told: (home) => accepted.get(pathOf(home)) ?? [],
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
