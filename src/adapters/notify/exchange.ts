import type { Agent, ClientRequest, OutgoingHttpHeaders } from 'node:http';
import type { LookupFunction } from 'node:net';

/** One request and how long it may take (ms). */
export interface Exchange {
  headers: OutgoingHttpHeaders;
  body: string;
  lookup: LookupFunction;
  timeout: number;
  signal: AbortSignal | undefined;
  /** Connections with this mark are used for nothing else: what one may reach, another may not. */
  pool: string;
}

export interface Answer {
  status: number;
  /** The beginning of it, as text. */
  body: string;
  /** When the receiver takes more, ms from now; null = it did not say. */
  retryAfter: number | null;
}

/** More of an answer than this many bytes is not read. */
const LONGEST_ANSWER = 1_024;
/** A connection that nobody used for this long is closed (ms). */
const IDLE = 1_000;
/** Connections kept for one receiver, and receivers of which some are kept. */
const KEPT = 4;
const MOST_RECEIVERS = 200;

/** Sends by POST; rejects with an Error when no answer came. */
export async function exchange(url: URL, given: Exchange): Promise<Answer> {
  try {
    return await attempt(url, given, agentFor(url, given.pool));
  } catch (error) {
    // The receiver closed an idle connection at the moment in which it was used again: nothing was lost.
    if (error instanceof Stale) return attempt(url, given, false);
    throw error;
  }
}

class Stale extends Error {}

// Not imported: an import reads every export, and one of them loads a fetch implementation of 16 MB.
const moduleFor = (url: URL) =>
  process.getBuiltinModule(url.protocol === 'https:' ? 'node:https' : 'node:http');

const agents = new Map<string, Agent>();

function agentFor(url: URL, pool: string): Agent {
  const key = `${pool} ${url.origin}`;
  const known = agents.get(key);
  if (known !== undefined) return known;
  const [oldest] = agents.keys();
  if (agents.size >= MOST_RECEIVERS && oldest !== undefined) {
    agents.get(oldest)?.destroy();
    agents.delete(oldest);
  }
  const agent = new (moduleFor(url).Agent)({
    keepAlive: true,
    maxFreeSockets: KEPT,
    timeout: IDLE,
  });
  agents.set(key, agent);
  return agent;
}

function attempt(
  url: URL,
  { headers, body, lookup, timeout, signal }: Exchange,
  agent: Agent | false,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = moduleFor(url).request(url, {
      method: 'POST',
      agent,
      headers,
      lookup,
      ...(signal !== undefined && { signal }),
    });
    const late = new Error(`no answer within ${timeout / 1_000} s`);
    const timer = setTimeout(() => request.destroy(late), timeout);
    const answer = answerOf(request);
    let failure: Error = new Error('the connection was closed without an answer');
    request.on('error', (error) => {
      failure = wasIdle(request, error) ? new Stale(error.message) : error;
    });
    request.once('close', () => {
      clearTimeout(timer);
      const given = answer();
      if (given === null) reject(failure);
      else resolve(given);
    });
    request.end(body);
  });
}

/** The status is enough: the rest of an answer is read as far as it comes, and not waited for when it breaks off. */
function answerOf(request: ClientRequest): () => Answer | null {
  let answer: Omit<Answer, 'body'> | null = null;
  const chunks: Buffer[] = [];
  let read = 0;
  request.on('response', (response) => {
    answer = {
      status: response.statusCode ?? 0,
      retryAfter: waitOf(response.headers['retry-after']),
    };
    response.on('data', (chunk: Buffer) => {
      chunks.push(chunk.subarray(0, LONGEST_ANSWER - Math.min(read, LONGEST_ANSWER)));
      read += chunk.length;
      if (read > LONGEST_ANSWER) response.destroy();
    });
    response.on('error', () => undefined);
  });
  return () => {
    if (answer === null) return null;
    const body = Buffer.concat(chunks).toString('utf8');
    return { ...answer, body, retryAfter: answer.retryAfter ?? waitIn(body) };
  };
}

const wasIdle = (request: ClientRequest, error: NodeJS.ErrnoException): boolean =>
  request.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE');

/** Seconds, as the header has them; dates are left to our own patience. */
function waitOf(header: string | undefined): number | null {
  const seconds = header === undefined || header.trim() === '' ? Number.NaN : Number(header);
  return Number.isFinite(seconds) && seconds >= 0 ? Math.ceil(seconds * 1_000) : null;
}

/** Telegram and Discord say it in the body. */
function waitIn(body: string): number | null {
  const [, seconds] = /"retry_after"\s*:\s*(\d{1,6}(?:\.\d+)?)/.exec(body) ?? [];
  return seconds === undefined ? null : Math.ceil(Number(seconds) * 1_000);
}

/** Why no answer came, in words that hold nothing of address or content. */
export function networkReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'AbortError') return 'interrupted by the end of the daemon';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}
