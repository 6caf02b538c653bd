import { type Context, Hono } from 'hono';
import { isTendError } from '../../domain/errors.ts';
import { nearest } from '../../domain/nearest.ts';
import { operations, streams } from '../../operations/index.ts';
import type { Operation, StreamOperation } from '../../operations/operation.ts';
import { IF_PROTOCOL_HEADER, PROTOCOL_HEADER } from '../client/protocol.ts';
import { readInput } from './input.ts';
import { metrics } from './metrics.ts';
import { openapi, verbs } from './openapi.ts';
import { type Problem, problem, problemOf, refuse } from './problem.ts';
import { eventStream } from './sse.ts';

type Engine = Parameters<Operation['run']>[0];

/** The verbs over HTTP, not yet listening anywhere. */
export interface App {
  /** Answers one request; never rejects. */
  fetch(request: Request): Promise<Response>;
  /** Breaks streams off and answers waiting calls with `daemon_stopping`. */
  close(): void;
  /** Told of every error that is no TendError. */
  onFault(this: void, error: unknown): void;
}

export interface AppOptions {
  /** Told of every error that is no TendError: the caller gets `internal`, the log the cause. */
  onFault?: (error: unknown) => void;
}

interface Site {
  engine: Engine;
  closing: AbortSignal;
  onFault: (error: unknown) => void;
}

/** Every operation and stream of the table at its place, with health, metrics and the OpenAPI document. */
export function createApp(engine: Engine, { onFault = () => undefined }: AppOptions = {}): App {
  const end = new AbortController();
  const site: Site = { engine, closing: end.signal, onFault };
  const hono = new Hono();
  hono.use(async (c, next) => {
    const asked = c.req.header(IF_PROTOCOL_HEADER);
    if (asked === undefined || Number(asked) === engine.info.protocol) await next();
    else c.res = refuse(otherProtocol(engine.info.protocol));
    c.header(PROTOCOL_HEADER, String(engine.info.protocol));
    if (end.signal.aborted) c.header('connection', 'close');
  });
  for (const verb of Object.values<Operation>(operations))
    hono.on(verb.http.method, routeOf(verb), (c) => answer(site, verb, c));
  for (const verb of Object.values<StreamOperation>(streams))
    hono.on(verb.http.method, routeOf(verb), (c) => stream(site, verb, c));
  observe(hono, site);
  hono.notFound((c) => elsewhere(c));
  hono.onError((error) => refuse(documentOf(site, error)));
  return {
    fetch: async (request) => hono.fetch(request),
    close: () => end.abort(),
    onFault,
  };
}

const routeOf = ({ http }: Operation | StreamOperation): string =>
  http.path.replace(/\{(\w+)\}/g, ':$1');

function observe(hono: Hono, { engine }: Site): void {
  const { version, pid } = engine.info;
  hono.get('/healthz', () => json({ status: 'ok', version, pid }, 200));
  hono.get('/readyz', async () => {
    await engine.counts();
    return json({ status: 'ready' }, 200);
  });
  hono.get('/metrics', async (c) =>
    c.text(await metrics(engine), 200, { 'content-type': 'text/plain; version=0.0.4' }),
  );
  hono.get('/openapi.json', () => json(openapi(version), 200));
}

const json = (value: unknown, status: number): Response =>
  new Response(JSON.stringify(value), {
    status,
    headers: { 'content-type': 'application/json' },
  });

function documentOf({ onFault }: Site, error: unknown): Problem {
  if (!isTendError(error)) onFault(error);
  return problemOf(error);
}

const stopping = (): Problem =>
  problem('daemon_stopping', 'the daemon is ending', 'Ask again: the next daemon goes on.');

async function answer(site: Site, verb: Operation, c: Context): Promise<Response> {
  const read = await readInput(verb, c);
  if ('problem' in read) return refuse(read.problem);
  let repeated = false;
  let waits = false;
  const call = {
    // Only verbs that may wait for long look at the signal.
    get signal() {
      waits = true;
      return AbortSignal.any([c.req.raw.signal, site.closing]);
    },
    repeated: () => {
      repeated = true;
    },
  };
  try {
    const result = await verb.run(site.engine, read.input, call);
    // A wait that the end of the daemon cut short has no result yet.
    if (waits && site.closing.aborted) return refuse(stopping());
    return json(result, repeated ? 200 : verb.http.success);
  } catch (error) {
    return refuse(documentOf(site, error));
  }
}

async function stream(site: Site, verb: StreamOperation, c: Context): Promise<Response> {
  const read = await readInput(verb, c);
  if ('problem' in read) return refuse(read.problem);
  if (site.closing.aborted) return refuse(stopping());
  const id = c.req.param('id');
  // A task that does not exist is refused before the stream begins.
  if (id !== undefined) await site.engine.find(id);
  const body = eventStream({
    open: (signal) => verb.stream(site.engine, read.input, signal),
    closing: site.closing,
    onFault: site.onFault,
  });
  const headers = { 'content-type': 'text/event-stream', 'cache-control': 'no-store' };
  return new Response(body, { headers });
}

const PLACES = [
  ...verbs.map(({ http }) => http.path),
  '/healthz',
  '/readyz',
  '/metrics',
  '/openapi.json',
];

const matches = (template: string, path: string): boolean =>
  new RegExp(`^${template.replace(/\{\w+\}/g, '[^/]+')}$`).test(path);

/** A known path with another method, or a path that nothing is at. */
function elsewhere(c: Context): Response {
  const { path, method } = c.req;
  const allowed = new Set(
    verbs.filter(({ http }) => matches(http.path, path)).map(({ http }) => http.method),
  );
  if (allowed.size === 0 && PLACES.includes(path)) allowed.add('GET');
  if (allowed.size === 0) {
    const near = nearest(path, PLACES);
    const hint = near === null ? 'See /openapi.json for all paths.' : `Did you mean ${near}?`;
    return refuse(problem('not_found', `there is nothing at ${path.slice(0, 200)}`, hint));
  }
  const list = [...allowed].join(', ');
  const refusal = refuse(
    problem('method_not_allowed', `${path} does not take ${method}`, `Use one of: ${list}.`),
  );
  refusal.headers.set('allow', list);
  return refusal;
}

const otherProtocol = (protocol: number): Problem =>
  problem(
    'invalid_input',
    `this daemon speaks protocol ${protocol}`,
    'Look again who listens here, then repeat the request.',
  );
