import type { IncomingMessage, ServerResponse } from 'node:http';
import { PROTOCOL_HEADER } from '../client/protocol.ts';
import type { App } from './app.ts';
import { type Answer, type Asked, refuse } from './exchange.ts';
import { type Problem, problemOf } from './problem.ts';

/** Why a request is not even looked at; null when it is welcome. */
export type Guard = (headers: IncomingMessage['headers']) => Problem | null;

/** Answers one request of Node's server with what `app`, or the guard before it, says. */
export async function respond(
  app: App,
  guard: Guard,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  // The client went away: whoever still reads or writes notices.
  request.on('error', () => undefined);
  response.on('error', () => undefined);
  try {
    const refusal = guard(request.headers);
    const answer =
      refusal === null ? await app.answer(askedBy(request, gone.signal)) : refuse(refusal);
    await send(app, answer, response);
  } catch (error) {
    app.onFault(error);
    if (!response.headersSent) await send(app, refuse(problemOf(error)), response);
    else response.destroy();
  }
}

function askedBy(request: IncomingMessage, gone: AbortSignal): Asked {
  const { method = 'GET', url = '/', headers } = request;
  // A proxy's form of a request names the host, too.
  const target = url.replace(/^https?:\/\/[^/?]*/i, '');
  const mark = target.indexOf('?');
  const path = mark < 0 ? target : target.slice(0, mark);
  const query = new URLSearchParams(mark < 0 ? '' : target.slice(mark + 1));
  return { method, path: path === '' ? '/' : path, query, headers, body: request, gone };
}

async function send(app: App, { status, headers, body }: Answer, response: ServerResponse) {
  response.setHeader(PROTOCOL_HEADER, app.protocol);
  if (app.closing.aborted) response.setHeader('connection', 'close');
  if (typeof body === 'string') {
    const bytes = Buffer.from(body);
    response.writeHead(status, { ...headers, 'content-length': bytes.byteLength });
    response.end(bytes);
    return;
  }
  response.writeHead(status, headers);
  for await (const text of body) {
    if (response.destroyed) return;
    if (!response.write(text)) await drained(response);
  }
  response.end();
}

/** Resolves when the client has read on, or has gone. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.once('drain', done);
    response.once('close', done);
    if (response.destroyed) done();
  });
}
