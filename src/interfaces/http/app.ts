import { isTendError } from '../../domain/errors.ts';
import type { Operation, StreamOperation } from '../../operations/operation.ts';
import { IF_PROTOCOL_HEADER } from '../client/protocol.ts';
import { type Answer, type Asked, json, refuse } from './exchange.ts';
import { readInput } from './input.ts';
import { metrics } from './metrics.ts';
import { openapi } from './openapi.ts';
import { type Problem, problem, problemOf } from './problem.ts';
import { canonical, type Plain, route } from './router.ts';
import { eventStream } from './sse.ts';

type Engine = Parameters<Operation['run']>[0];

/** The verbs over HTTP, not yet listening anywhere. */
export interface App {
  /** Answers one request; never rejects. */
  answer(asked: Asked): Promise<Answer>;
  /** Breaks streams off and answers waiting calls with `daemon_stopping`. */
  close(): void;
  readonly closing: AbortSignal;
  readonly protocol: number;
  /** Told of every error that is no TendError: the caller gets `internal`, the log the cause. */
  onFault: (error: unknown) => void;
}

/** Answers what is asked at `/mcp`. */
export type McpDoor = (asked: Asked, closing: AbortSignal) => Promise<Answer>;

interface Site {
  engine: Engine;
  mcp: McpDoor | null;
  closing: AbortSignal;
  onFault: (error: unknown) => void;
}

/** Every operation and stream of the table at its place, with health, metrics and the OpenAPI document. */
export function createApp(
  engine: Engine,
  {
    onFault = () => undefined,
    mcp = null,
  }: { onFault?: (error: unknown) => void; mcp?: McpDoor | null } = {},
): App {
  const end = new AbortController();
  const site: Site = { engine, mcp, closing: end.signal, onFault };
  return {
    answer: (asked) => dispatch(site, asked).catch((error: unknown) => failed(site, error)),
    close: () => end.abort(),
    closing: end.signal,
    protocol: engine.info.protocol,
    onFault,
  };
}

async function dispatch(site: Site, given: Asked): Promise<Answer> {
  const asked = canonical(given);
  const { protocol } = site.engine.info;
  const wanted = asked.headers[IF_PROTOCOL_HEADER];
  if (wanted !== undefined && Number(wanted) !== protocol) return refuse(otherProtocol(protocol));
  if (asked.path === '/mcp' && site.mcp !== null) return site.mcp(asked, site.closing);
  const found = route(asked.method, asked.path);
  switch (found.kind) {
    case 'verb':
      return 'output' in found.verb
        ? run(site, found.verb, found.path, asked)
        : stream(site, found.verb, found.path, asked);
    case 'plain':
      return plain(site, found.at);
    case 'other method':
      return otherMethod(asked, found.allowed);
    case 'nothing':
      return nothing(asked, found.near);
    default:
      return found satisfies never;
  }
}

async function run(
  site: Site,
  verb: Operation,
  path: Record<string, string>,
  asked: Asked,
): Promise<Answer> {
  const read = await readInput(verb, path, asked);
  if ('problem' in read) return refuse(read.problem);
  let repeated = false;
  let waits = false;
  const call = {
    // Only verbs that may wait for long look at the signal.
    get signal() {
      waits = true;
      return AbortSignal.any([asked.gone, site.closing]);
    },
    repeated: () => {
      repeated = true;
    },
  };
  const result = await verb.run(site.engine, read.input, call);
  // A wait that the end of the daemon cut short has no result yet.
  if (waits && site.closing.aborted) return refuse(stopping());
  return json(result, repeated ? 200 : verb.http.success);
}

async function stream(
  site: Site,
  verb: StreamOperation,
  path: Record<string, string>,
  asked: Asked,
): Promise<Answer> {
  const read = await readInput(verb, path, asked);
  if ('problem' in read) return refuse(read.problem);
  if (site.closing.aborted) return refuse(stopping());
  // A task that does not exist is refused before the stream begins.
  if (path['id'] !== undefined) await site.engine.find(path['id']);
  const headers = { 'content-type': 'text/event-stream', 'cache-control': 'no-store' };
  if (asked.method === 'HEAD') return { status: 200, headers, body: '' };
  const signal = AbortSignal.any([asked.gone, site.closing]);
  const items = verb.stream(site.engine, read.input, signal);
  return { status: 200, headers, body: eventStream(items, signal, site.onFault) };
}

async function plain({ engine }: Site, at: Plain): Promise<Answer> {
  const { version, pid } = engine.info;
  switch (at) {
    case '/healthz':
      return json({ status: 'ok', version, pid });
    case '/readyz':
      await engine.counts();
      return json({ status: 'ready' });
    case '/metrics':
      return {
        status: 200,
        headers: { 'content-type': 'text/plain; version=0.0.4' },
        body: await metrics(engine),
      };
    case '/openapi.json':
      return json(openapi(version));
    default:
      return at satisfies never;
  }
}

function failed({ onFault }: Site, error: unknown): Answer {
  if (!isTendError(error)) onFault(error);
  return refuse(problemOf(error));
}

const stopping = (): Problem =>
  problem('daemon_stopping', 'the daemon is ending', 'Ask again: the next daemon goes on.');

const otherProtocol = (protocol: number): Problem =>
  problem(
    'invalid_input',
    `this daemon speaks protocol ${protocol}`,
    'Look again who listens here, then repeat the request.',
  );

function otherMethod({ method, path }: Asked, allowed: readonly string[]): Answer {
  const allow = allowed.join(', ');
  const document = problem(
    'method_not_allowed',
    `${path} does not take ${method}`,
    `Use: ${allow}.`,
  );
  return refuse(document, { allow });
}

function nothing({ path }: Asked, near: string | null): Answer {
  const hint = near === null ? 'See /openapi.json for all paths.' : `Did you mean ${near}?`;
  return refuse(problem('not_found', `there is nothing at ${path.slice(0, 200)}`, hint));
}
