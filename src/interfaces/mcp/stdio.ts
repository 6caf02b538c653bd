/** One client on stdin and stdout, until its end of the pipe is closed. */
import type { JSONRPCMessage, Server, Transport } from '@modelcontextprotocol/server';
import { serveStdio, StdioServerTransport } from '@modelcontextprotocol/server/stdio';
import type { Client } from '../client/index.ts';
import { type Calls, clientCalls } from './calls.ts';
import { openCarrier } from './carrier.ts';
import type { Desk, Era } from './desk.ts';
import { openRepeats } from './repeats.ts';
import { makeServer } from './server.ts';
import { openSubscriptions, type Subscriptions } from './subscriptions.ts';
import { DELEGATING, INSTRUCTIONS } from './table.ts';
import type { Origin } from './tool.ts';
import { type Worker, workerInstructions, workerTools } from './worker-tools.ts';

export interface StdioOptions {
  version: string;
  /** The daemon, started when there is none; asked for with the first call that needs it. */
  open: () => Promise<Client>;
  origin: Origin;
  /** `TEND_OWNER` of this process. */
  owner: string | undefined;
  /** Whose tasks are meant when nobody says it; undefined = the daemon knows. */
  user: string | undefined;
  /** The client is an agent that works on a task, and gets other tools; null = it is one that delegates. */
  worker: Worker | null;
  signal: AbortSignal;
  onFault: (error: unknown) => void;
}

/** Serves the protocol until the client has gone, or `signal` aborts. */
export async function serveMcp(options: StdioOptions): Promise<void> {
  const { signal, onFault, worker } = options;
  const calls = clientCalls(options.open);
  const carrier = worker === null ? openCarrier(calls, onFault) : null;
  const repeats = openRepeats();
  let subscriptions: Subscriptions | null = null;
  const factory = ({ era }: { era: Era }): Server => {
    if (worker !== null) return makeServer(workerDesk(options, calls, worker), era);
    let server: Server | null = null;
    const own = openSubscriptions(
      calls,
      {
        updated: (uri) => void server?.sendResourceUpdated({ uri }).catch(onFault),
        listChanged: () => void server?.sendResourceListChanged().catch(onFault),
      },
      era === 'modern',
    );
    subscriptions = own;
    server = makeServer(
      { ...hostDesk(options, calls), carrier, repeats, resources: { subscriptions: own } },
      era,
    );
    server.onclose = () => own.close();
    return server;
  };
  const wire = watched(new StdioServerTransport(), {
    // From 2026-07-28 on the SDK itself answers this; what is to be watched is seen here alone.
    asked: (message) => listen(message, subscriptions),
    sent: (id) => carrier?.sent(id),
  });
  const handle = serveStdio(factory, { transport: wire.transport, onerror: onFault });
  signal.addEventListener('abort', () => void handle.close());
  await wire.closed;
  subscriptions = null;
}

const desk = ({ version, origin, owner, user }: StdioOptions, calls: Calls) => {
  let known = user;
  return {
    name: 'tend',
    version,
    calls,
    origin,
    givenOwner: owner,
    defaultOwner: async (signal: AbortSignal) =>
      (known ??= (await calls.call('status', {}, signal)).owner),
  };
};

const hostDesk = (options: StdioOptions, calls: Calls): Desk => ({
  ...desk(options, calls),
  instructions: INSTRUCTIONS,
  tools: DELEGATING,
  carrier: null,
  repeats: null,
  resources: null,
  tasks: true,
});

const workerDesk = (options: StdioOptions, calls: Calls, worker: Worker): Desk => ({
  ...desk(options, calls),
  instructions: workerInstructions(worker),
  tools: workerTools(worker),
  carrier: null,
  repeats: null,
  resources: null,
  tasks: false,
});

interface Watch {
  asked: (message: JSONRPCMessage) => void;
  sent: (id: string | number) => void;
}

/** The transport, with somebody who sees what comes in and which answers have been written. */
function watched(inner: Transport, { asked, sent }: Watch) {
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  const transport: Transport = {
    start: () => inner.start(),
    close: () => inner.close(),
    async send(message, options) {
      await inner.send(message, options);
      if (!('method' in message) && message.id !== undefined) sent(message.id);
    },
  };
  inner.onmessage = (message, extra) => {
    asked(message);
    transport.onmessage?.(message, extra);
  };
  inner.onerror = (error) => transport.onerror?.(error);
  inner.onclose = () => {
    transport.onclose?.();
    resolve();
  };
  return { transport, closed };
}

function listen(message: JSONRPCMessage, subscriptions: Subscriptions | null): void {
  if (!('method' in message) || message.method !== 'subscriptions/listen') return;
  subscriptions?.watch();
  const { notifications } = (message.params ?? {}) as {
    notifications?: { resourceSubscriptions?: unknown };
  };
  const uris = notifications?.resourceSubscriptions;
  if (!Array.isArray(uris)) return;
  for (const uri of uris) if (typeof uri === 'string') subscriptions?.subscribe(uri);
}
