import { isIP } from 'node:net';
import type { Refusal } from '../../ports/notifier.ts';
import { checkedLookup, isPublic, notPublic, type Resolve } from './address.ts';
import { type Answer, exchange, networkReason } from './exchange.ts';
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

/** Answers what the receiver did; rejects with a reason that names the host, never path or secret. */
export async function sendWebhook(
  webhook: Webhook,
  message: Message,
  sending: Sending,
): Promise<string> {
  const url = new URL(webhook.url);
  if (webhook.publicOnly) refusePrivate(url);
  const body = JSON.stringify(message);
  const headers = await headersOf(webhook, message.id, body, sending.now);
  return post({ url, headers, body, publicOnly: webhook.publicOnly }, sending);
}

/** A request without its length, which is counted here. */
export interface Post {
  url: URL;
  headers: Readonly<Record<string, string>>;
  body: string;
  publicOnly: boolean;
}

/**
 * Sends, and answers in words what the receiver did. Rejects with a `Refusal` that names the host; `tell` adds what of the
 * answer may be told.
 */
export async function post(
  { url, headers, body, publicOnly }: Post,
  { timeout, signal, resolve }: Sending,
  tell: (body: string) => string = () => '',
): Promise<string> {
  const answer = await exchange(url, {
    headers: { ...headers, 'content-length': Buffer.byteLength(body) },
    body,
    lookup: checkedLookup(resolve, publicOnly ? isPublic : () => true),
    timeout,
    signal,
    pool: publicOnly ? 'public' : 'any',
  }).catch((error: unknown) => {
    throw new Error(`${url.host} was not reached: ${networkReason(error)}`);
  });
  if (answer.status >= 200 && answer.status <= 299) return `${url.host} answered ${answer.status}`;
  throw refusal(url, answer, tell(answer.body));
}

function refusal({ host }: URL, { status, retryAfter }: Answer, told: string): Refusal {
  const redirect = status >= 300 && status < 400 ? '; redirects are not followed' : '';
  const error: Refusal = new Error(
    `${host} answered ${status}${redirect}${told === '' ? '' : `: ${told}`}`,
  );
  if (retryAfter !== null) error.retryAfter = retryAfter;
  return error;
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
    'user-agent': 'tend',
    'tend-delivery': id,
    'tend-timestamp': timestamp,
    ...(secret !== null && { 'tend-signature': signature(secret, timestamp, body) }),
  };
}
