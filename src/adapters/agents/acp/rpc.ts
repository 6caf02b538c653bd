import type { Writable } from 'node:stream';
import { asObject, child, type Json, number, objectIn, text } from '../json.ts';

/** Longest message that is looked into (bytes); a longer one is told of and dropped. */
const LONGEST_MESSAGE = 64 * 1024 * 1024;
/** How much of a line that is no message is shown, in characters. */
const SHOWN_NOISE = 500;
const NEWLINE = 10;

export const METHOD_NOT_FOUND = -32601;
export const INVALID_PARAMS = -32602;
export const INTERNAL_ERROR = -32603;
export const RESOURCE_NOT_FOUND = -32002;

/** The other side's refusal, or ours. */
export class RpcError extends Error {
  override readonly name = 'RpcError';
  readonly code: number;
  readonly data: unknown;
  constructor(code: number, message: string, data?: unknown) {
    super(message);
    this.code = code;
    this.data = data;
  }
}

export interface Handlers {
  /** The result of a request of the other side; throws RpcError to refuse it. */
  request(method: string, params: Json): Promise<Json>;
  notification(method: string, params: Json): void;
  noise(text: string): void;
}

interface Waiting {
  resolve(result: Json): void;
  reject(error: RpcError): void;
}

/** One side of JSON-RPC 2.0 over lines: lenient in what it takes, exact in what it sends. */
export class Peer {
  readonly #output: Writable;
  readonly #handlers: Handlers;
  readonly #waiting = new Map<number, Waiting>();
  #parts: Buffer[] = [];
  #pending = 0;
  #last = 0;
  /** When the other side last said something that was understood (ms of `performance.now`). */
  heardAt = 0;

  constructor(output: Writable, handlers: Handlers) {
    this.#output = output;
    this.#handlers = handlers;
  }

  request(method: string, params: object): Promise<Json> {
    const id = ++this.#last;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#send({ id, method, params });
    });
  }

  notify(method: string, params: object): void {
    this.#send({ method, params });
  }

  /** Takes what the other side wrote, however it is cut. */
  take(chunk: Buffer): void {
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, from)) {
      this.#keep(chunk.subarray(from, at));
      this.#line();
      from = at + 1;
    }
    this.#keep(chunk.subarray(from));
  }

  #keep(rest: Buffer): void {
    this.#pending += rest.length;
    if (this.#pending <= LONGEST_MESSAGE) this.#parts.push(rest);
    else this.#parts = [];
  }

  #line(): void {
    const length = this.#pending;
    const line = Buffer.concat(this.#parts).toString('utf8').trim();
    this.#parts = [];
    this.#pending = 0;
    if (length > LONGEST_MESSAGE) this.#handlers.noise(`a message of ${length} bytes was dropped`);
    else if (line !== '') this.#message(line);
  }

  #message(line: string): void {
    const message = objectIn(line);
    const method = message === null ? null : text(message, 'method');
    const id = message?.['id'];
    if (message === null || (method === null && !this.#waiting.has(Number(id))))
      return this.#handlers.noise(line.slice(0, SHOWN_NOISE));
    this.heardAt = performance.now();
    if (method === null) this.#settle(Number(id), message);
    else if (id === undefined || id === null)
      this.#handlers.notification(method, child(message, 'params'));
    else void this.#answer(id, method, child(message, 'params'));
  }

  #settle(id: number, message: Json): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    const error = asObject(message['error']);
    if (error === null) waiting?.resolve(child(message, 'result'));
    else
      waiting?.reject(
        new RpcError(
          number(error, 'code') ?? INTERNAL_ERROR,
          text(error, 'message') ?? 'an error without a message',
          error['data'],
        ),
      );
  }

  async #answer(id: unknown, method: string, params: Json): Promise<void> {
    try {
      this.#send({ id, result: await this.#handlers.request(method, params) });
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      const { code, message } = error;
      this.#send({ id, error: { code, message } });
    }
  }

  #send(message: object): void {
    if (this.#output.writable)
      this.#output.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  }
}
