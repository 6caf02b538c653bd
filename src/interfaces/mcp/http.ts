/** `/mcp`: the same tools over HTTP, in the daemon; between two requests nothing is kept but what has been told. */
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import { createMcpHandler, type Server } from '@modelcontextprotocol/server';
import { type Carrier, openCarrier } from './carrier.ts';
import type { Desk, Era } from './desk.ts';
import { type Engine, engineCalls } from './engine-calls.ts';
import { eventBus } from './event-bus.ts';
import { makeServer } from './server.ts';
import { DELEGATING, INSTRUCTIONS } from './table.ts';

interface Asked {
  method: string;
  headers: IncomingMessage['headers'];
  body: IncomingMessage;
  gone: AbortSignal;
}

interface Answer {
  status: number;
  headers: OutgoingHttpHeaders;
  body: string | AsyncIterable<string>;
}

export interface HttpOptions {
  /** Of tasks that are started here. */
  environment: Readonly<Record<string, string>>;
  onFault: (error: unknown) => void;
}

/** Who asks, as far as a connection shows; handed through the SDK as what it takes for authorization. */
interface Known {
  owner: string | undefined;
  carrier: Carrier;
}

const MAX_BODY = 16 * 1024 * 1024;

/** Answers requests until `closing` aborts; streams end then. */
export function mcpDoor(engine: Engine, { environment, onFault }: HttpOptions) {
  const calls = engineCalls(engine);
  // What was told on a connection is acknowledged by the next request on the same one.
  const carriers = new WeakMap<Socket, Carrier>();
  const bus = eventBus(calls, onFault);
  const desk = (known: Known | undefined, era: Era): Desk => ({
    name: 'tend',
    version: engine.info.version,
    instructions: INSTRUCTIONS,
    tools: DELEGATING,
    calls,
    origin: {
      cwd: null,
      shell: '/bin/sh',
      environment,
      umask: null,
      group: undefined,
      parent: undefined,
    },
    givenOwner: known?.owner,
    defaultOwner: async () => engine.info.owner,
    carrier: known?.carrier ?? null,
    repeats: null,
    // Before 2026-07-28, being told of changes takes a session; there is none here.
    resources: { subscriptions: era === 'modern' ? bus.subscriptions : null },
    tasks: true,
  });
  const handler = createMcpHandler(
    ({ era, authInfo }): Server => makeServer(desk(authInfo?.extra as Known | undefined, era), era),
    { onerror: onFault, bus: bus.events },
  );

  return async (asked: Asked, closing: AbortSignal): Promise<Answer> => {
    const { socket } = asked.body;
    const carrier = carriers.get(socket) ?? openCarrier(calls, onFault);
    carriers.set(socket, carrier);
    const body = await bodyOf(asked);
    if ('refusal' in body) return body.refusal;
    const extra = { owner: ownerIn(asked.headers), carrier } satisfies Known;
    const response = await handler.fetch(requestOf(asked, closing), {
      authInfo: { token: '', clientId: '', scopes: [], extra: { ...extra } },
      ...(body.json !== undefined && { parsedBody: body.json }),
    });
    return answerOf(response, () => idsIn(body.json).forEach((id) => carrier.sent(id)));
  };
}

function ownerIn(headers: Asked['headers']): string | undefined {
  const given = headers['tend-owner'];
  return typeof given === 'string' ? given : undefined;
}

const idsIn = (json: unknown): (string | number)[] =>
  [json].flat().flatMap((message) => {
    const { id } = (message ?? {}) as { id?: unknown };
    return typeof id === 'string' || typeof id === 'number' ? [id] : [];
  });

function requestOf({ method, headers, gone }: Asked, closing: AbortSignal): Request {
  const pairs = Object.entries(headers).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, [value].flat().join(', ')]],
  );
  const signal = AbortSignal.any([gone, closing]);
  return new Request('http://localhost/mcp', { method, headers: pairs, signal });
}

type Body = { json: unknown } | { refusal: Answer };

/** The message, or why it is refused before the SDK sees it. */
async function bodyOf({ method, body }: Asked): Promise<Body> {
  if (method !== 'POST') return { json: undefined };
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.byteLength;
    if (size > MAX_BODY) return { refusal: refused(413, -32_600, 'the message is too long') };
    chunks.push(chunk);
  }
  try {
    return { json: JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown };
  } catch {
    return { refusal: refused(400, -32_700, 'the message is not JSON') };
  }
}

const refused = (status: number, code: number, message: string): Answer => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ jsonrpc: '2.0', id: null, error: { code, message } }),
});

/** `sent` is called once all of it was taken by a client that is still there. */
function answerOf(response: Response, sent: () => void): Answer {
  const headers = Object.fromEntries(response.headers);
  const { status, body } = response;
  if (body === null) {
    sent();
    return { status, headers, body: '' };
  }
  return { status, headers, body: texts(body, sent) };
}

async function* texts(
  body: ReadableStream<Uint8Array>,
  sent: () => void,
): AsyncGenerator<string, void> {
  const decoder = new TextDecoder();
  try {
    for await (const chunk of body) yield decoder.decode(chunk, { stream: true });
  } catch {
    // The exchange was ended: by the client, or by the end of the daemon.
    return;
  }
  sent();
}
