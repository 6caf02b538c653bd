import fc from 'fast-check';
import { connect as connectSocket } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { operations, streams } from '../../src/operations/index.ts';
import { problemSchema } from '../../src/interfaces/http/problem.ts';
import { ask, house } from './harness.ts';

const verbs = [...Object.values(operations), ...Object.values(streams)];
/** Streams of nothing that exists never end by themselves. */
const ENDLESS = '/v1/events';

const segment = fc.oneof(
  fc.constantFrom('v1', 'tasks', 'inbox', 'ack', 'wait', 'output', 'events', '..', '.', ''),
  fc
    .string({ unit: 'binary', maxLength: 20 })
    .map((given) => encodeURIComponent(given.toWellFormed())),
  fc.constantFrom('%', '%zz', '%ff', '%00', '%2e%2e', "a'b", '{id}', ':id', '*', '__proto__'),
);
const path = fc.oneof(
  fc
    .tuple(fc.constantFrom(...verbs.map(({ http }) => http.path)), segment)
    .map(([template, id]) => template.replace('{id}', id)),
  fc.array(segment, { maxLength: 6 }).map((parts) => `/${parts.join('/')}`),
);
const FIELDS = verbs.flatMap(({ input }) => Object.keys((input as { shape?: object }).shape ?? {}));
const field = fc.oneof(
  fc.constantFrom(...FIELDS, '__proto__', 'constructor', 'toString'),
  fc.string(),
);
const body = fc.oneof(
  fc.dictionary(field, fc.jsonValue({ maxDepth: 3 })).map((given) => JSON.stringify(given)),
  fc.json(),
  fc.string({ unit: 'binary' }),
  fc.uint8Array({ maxLength: 200 }),
  fc.constantFrom('[', '[['.repeat(50_000), '{"a":'.repeat(20_000), '\u{feff}{}', '"\\ud800"'),
);
const query = fc
  .array(fc.tuple(field, fc.oneof(fc.string(), fc.constantFrom('', '0', 'NaN', '1e999', 'a,b'))))
  .map((pairs) => pairs.map(([name, value]) => `${quote(name)}=${quote(value)}`).join('&'));
const quote = (given: string): string => encodeURIComponent(given.toWellFormed());
const header = fc.stringMatching(/^[\x20-\x7e]{0,40}$/);
const call = fc.record({
  method: fc.oneof(
    fc.constantFrom('GET', 'POST', 'PUT', 'DELETE'),
    fc.constantFrom('HEAD', 'OPTIONS', 'PATCH', 'TRACE', 'PROPFIND'),
  ),
  path,
  query,
  body,
  type: fc.oneof(fc.constantFrom('application/json', 'application/json; charset=utf-8'), header),
  key: header,
  lastEventId: fc.oneof(fc.constant(''), header),
});

test(
  'no request makes the server fail, hang or confuse a connection',
  { timeout: 120_000 },
  async () => {
    const { client, engine, socket, faults } = await house();
    const { id } = await client.submit({ command: 'make', cwd: '/', id: 'tasks' });
    await engine.start(id);
    await engine.finish(id);
    await fc.assert(
      fc.asyncProperty(call, async (given) => {
        if (given.path === ENDLESS && given.method !== 'DELETE') return;
        const answer = await ask(
          { socketPath: socket },
          {
            method: given.method,
            path: `${given.path}${given.query === '' ? '' : `?${given.query}`}`,
            headers: {
              'content-type': given.type,
              'idempotency-key': given.key,
              'last-event-id': given.lastEventId,
            },
            ...(given.method !== 'HEAD' && { body: given.body }),
          },
        );
        expect(answer.status).toBeLessThan(500);
        if (answer.status >= 400 && given.method !== 'HEAD')
          expect(problemSchema.parse(answer.json()).status).toBe(answer.status);
      }),
      { numRuns: 1_500 },
    );
    expect(faults).toEqual([]);
    expect((await ask({ socketPath: socket }, { path: '/healthz' })).status).toBe(200);
  },
);

test(
  'bytes that are no HTTP never hang a connection or the server',
  { timeout: 60_000 },
  async () => {
    const { socket, faults } = await house();
    const line = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.constantFrom(
        'GET /healthz HTTP/1.1',
        'POST /v1/tasks HTTP/1.1',
        'GET /v1/tasks HTTP/1.0',
        'host: x',
        'host: a b c',
        'content-length: 5',
        'content-length: -1',
        'transfer-encoding: chunked',
        'expect: 100-continue',
        'upgrade: websocket',
        'connection: upgrade',
        '0',
        'zz',
        '',
      ),
    );
    const raw = fc.array(line, { maxLength: 8 }).map((lines) => `${lines.join('\r\n')}\r\n\r\n`);
    await fc.assert(
      fc.asyncProperty(raw, async (bytes) => {
        const connection = connectSocket(socket);
        connection.on('error', () => undefined);
        connection.end(bytes);
        expect(await text(connection)).not.toMatch(/^HTTP\/1.1 5/);
      }),
      { numRuns: 500 },
    );
    expect(faults).toEqual([]);
    expect((await ask({ socketPath: socket }, { path: '/healthz' })).status).toBe(200);
  },
);
