import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import type { Problem } from './problem.ts';

/** One request, as far as it is read. */
export interface Asked {
  method: string;
  /** Still percent-encoded. */
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
  /** The body, unread. */
  body: IncomingMessage;
  /** Aborted when the client has gone. */
  gone: AbortSignal;
}

/** Its answer, whole or as a stream of text that is taken as fast as the client reads. */
export interface Answer {
  status: number;
  headers: OutgoingHttpHeaders;
  body: string | AsyncIterable<string>;
}

export const json = (value: unknown, status = 200): Answer => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value),
});

export const refuse = (document: Problem, headers: OutgoingHttpHeaders = {}): Answer => ({
  status: document.status,
  headers: { 'content-type': 'application/problem+json', ...headers },
  body: JSON.stringify(document),
});
