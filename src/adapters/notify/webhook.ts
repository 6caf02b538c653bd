import type { OutgoingHttpHeaders } from 'node:http';
import { isIP, type LookupFunction } from 'node:net';
import { checkedLookup, isPublic, notPublic, type Resolve } from './address.ts';
import type { Message } from './message.ts';
import { type SecretSource, secretOf } from './secret.ts';
import { signature } from './signature.ts';

/** A receiver of signed POST requests. */
export interface Webhook {
  url: string;
  secret: SecretSource | null;
  events: 'all' | 'failures';
  /** Only https and public addresses: for receivers that a project named, not the person. */
  publicOnly: boolean;
}

/** How one request is sent. */
export interface Sending {
  /** Epoch ms, signed with the body: receivers refuse what is too old. */
  now: number;
  /** Ms for the whole exchange. */
  timeout: number;
  signal: AbortSignal | undefined;
  resolve: Resolve;
}

/** More of an answer than this many bytes is not read. */
const LONGEST_ANSWER = 1_024;

/** Resolves once the receiver answered 2xx; rejects with a reason that names the host, never path or secret. */
export async function sendWebhook(
  webhook: Webhook,
  message: Message,
  sending: Sending,
): Promise<void> {
  const url = new URL(webhook.url);
  if (webhook.publicOnly) refusePrivate(url);
  const body = JSON.stringify(message);
  const headers = await headersOf(webhook, message.id, body, sending.now);
  const lookup = checkedLookup(sending.resolve, webhook.publicOnly ? isPublic : () => true);
  const status = await exchange(url, { headers, body, lookup, ...sending }).catch(
    (error: unknown) => {
      throw new Error(`${url.host} was not reached: ${networkReason(error)}`);
    },
  );
  if (status >= 300 && status < 400)
    throw new Error(`${url.host} answered ${status}; redirects are not followed`);
  if (status < 200 || status > 299) throw new Error(`${url.host} answered ${status}`);
}

/** What the lookup cannot see: the scheme, and hosts that are addresses already. */
function refusePrivate(url: URL): void {
  if (url.protocol !== 'https:') throw new Error(`${url.host} must be called by https`);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0 && !isPublic(host)) throw new Error(notPublic(url.host));
}

async function headersOf(webhook: Webhook, id: string, body: string, now: number) {
  const timestamp = String(Math.floor(now / 1_000));
  const secret = webhook.secret === null ? null : await secretOf(webhook.secret);
  return {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'user-agent': 'tend',
    'tend-delivery': id,
    'tend-timestamp': timestamp,
    ...(secret !== null && { 'tend-signature': signature(secret, timestamp, body) }),
  };
}

interface Exchange {
  headers: OutgoingHttpHeaders;
  body: string;
  lookup: LookupFunction;
  timeout: number;
  signal: AbortSignal | undefined;
}

/** Sends, and answers the status once the connection is closed; rejects when none came. */
function exchange(url: URL, { headers, body, lookup, timeout, signal }: Exchange): Promise<number> {
  return new Promise((resolve, reject) => {
    // Not imported: an import reads every export, and one of them loads a fetch implementation of 16 MB.
    const scheme = url.protocol === 'https:' ? 'node:https' : 'node:http';
    const { request: open } = process.getBuiltinModule(scheme);
    const request = open(url, {
      method: 'POST',
      agent: false,
      headers,
      lookup,
      ...(signal !== undefined && { signal }),
    });
    const late = new Error(`no answer within ${timeout / 1_000} s`);
    const timer = setTimeout(() => request.destroy(late), timeout);
    let status: number | null = null;
    request.on('response', (response) => {
      status = response.statusCode ?? 0;
      let read = 0;
      response.on('data', (chunk: Buffer) => {
        read += chunk.length;
        if (read > LONGEST_ANSWER) response.destroy();
      });
      response.on('error', () => undefined); // the status is known: the rest of the answer is not needed
    });
    let failure: Error = new Error('the connection was closed without an answer');
    request.on('error', (error) => {
      failure = error;
    });
    request.once('close', () => {
      clearTimeout(timer);
      if (status === null) reject(failure);
      else resolve(status);
    });
    request.end(body);
  });
}

function networkReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'AbortError') return 'interrupted by the end of the daemon';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}
