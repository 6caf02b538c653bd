import { connect as connectSocket } from 'node:net';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { TendError } from '../../src/domain/errors.ts';
import { problemSchema } from '../../src/interfaces/http/problem.ts';
import { type Ask, ask, type Answer, house, post } from './harness.ts';

const WORK = { command: 'make', cwd: '/' };

function problemIn(answer: Answer) {
  expect(answer.headers['content-type']).toBe('application/problem+json');
  const document = problemSchema.parse(answer.json());
  expect(document.status).toBe(answer.status);
  return document;
}

test.each([
  [{ ...WORK, timeot: '1m' }, 'timeot', 'is not known; did you mean timeout?'],
  [{ ...WORK, timeout: 'soon' }, 'timeout', 'is no duration; write 90s, 10m, 2h or 1d'],
  [{ ...WORK, timeout: '2d' }, 'timeout', 'must be more than 0 and at most 24h'],
  [{ command: 'make' }, 'cwd', 'is missing'],
  [{ ...WORK, cwd: 'relative' }, 'cwd', 'must be an absolute path'],
  [{ ...WORK, argv: ['make'] }, '', 'needs exactly one of command, argv and agent'],
  [{ ...WORK, command: 'a\0b' }, 'command', 'must not contain a NUL byte'],
  [{ ...WORK, after: ['ok', { task: 'x', whn: 1 }] }, 'after.1.whn', 'is not known'],
  [{ ...WORK, after: [7] }, 'after.0', ''],
  [{ ...WORK, priority: 101 }, 'priority', ''],
  [{ ...WORK, command: 5 }, 'command', ''],
])('a wrong submit names its field: %j', async (body, path, message) => {
  const { socket } = await house();
  const document = problemIn(await post(socket, '/v1/tasks', body));
  expect(document).toMatchObject({ code: 'invalid_input', status: 400 });
  expect(document.errors?.map((fault) => fault.path)).toContain(path);
  expect(document.detail).toContain(path);
  const said = document.errors?.find((fault) => fault.path === path)?.message ?? '';
  if (message === '') expect(said.length).toBeGreaterThan(5);
  else expect(said).toBe(message);
});

const JSON_TYPE = { 'content-type': 'application/json' };
const submit = (body: string | Uint8Array, headers: Record<string, string> = JSON_TYPE): Ask => ({
  method: 'POST',
  path: '/v1/tasks',
  headers,
  body,
});

test.each<[string, Ask, number, string]>([
  ['malformed JSON', submit('{"command":'), 400, 'not valid JSON'],
  ['no object', submit('[1]'), 400, 'no object'],
  ['null', submit('null'), 400, 'no object'],
  [
    'another content type',
    submit('command=make', { 'content-type': 'text/plain' }),
    415,
    'text/plain',
  ],
  ['no content type', submit('{}', {}), 415, '(none)'],
  ['bytes that are no UTF-8', submit(Buffer.from([0x22, 0xff, 0x22])), 400, 'UTF-8'],
  ['an unknown path', { path: '/v1/taks' }, 404, '/v1/taks'],
  ['a wrong method', { method: 'DELETE', path: '/v1/tasks' }, 405, 'DELETE'],
  ['an unknown task', { path: '/v1/tasks/nope' }, 404, 'nope'],
  ['a bad id', { path: '/v1/tasks/%00' }, 400, 'id'],
  ['a bad query', { path: '/v1/tasks?limit=0' }, 400, 'limit'],
  ['an unknown query', { path: '/v1/tasks?stat=running' }, 400, 'did you mean state?'],
  ['a bad list', { path: '/v1/tasks?state=runing' }, 400, 'state'],
  ['a contradiction', { path: '/v1/tasks/a?id=b' }, 400, 'id'],
  [
    'a bad place in a stream',
    { path: '/v1/events', headers: { 'last-event-id': 'x' } },
    400,
    'after',
  ],
  ['a stream of nothing', { path: '/v1/tasks/nope/events' }, 404, 'nope'],
])('%s is a problem, and the connection goes on', async (_, given, status, words) => {
  const { socket, faults } = await house();
  const answer = await ask({ socketPath: socket }, given);
  expect(answer.status).toBe(status);
  expect(problemIn(answer).detail).toContain(words);
  expect((await ask({ socketPath: socket }, { path: '/healthz' })).status).toBe(200);
  expect(faults).toEqual([]);
});

test('a near path is suggested, a wrong method lists the right ones', async () => {
  const { socket } = await house();
  const near = await ask({ socketPath: socket }, { path: '/v1/taks' });
  expect(problemIn(near).hint).toBe('Did you mean /v1/tasks?');
  const wrong = await ask({ socketPath: socket }, { method: 'PATCH', path: '/v1/tasks/a' });
  expect(wrong.headers.allow).toBe('GET, DELETE');
  const put = await ask({ socketPath: socket }, { method: 'PUT', path: '/healthz' });
  expect(put.headers.allow).toBe('GET');
});

test('a command line of 10 MB is refused by its length', async () => {
  const { socket } = await house();
  const answer = await post(socket, '/v1/tasks', { ...WORK, command: 'x'.repeat(10_000_000) });
  expect(answer.status).toBe(400);
  expect(problemIn(answer).errors?.[0]?.path).toBe('command');
});

test('a body beyond 16 MB is refused at its declared length, before it is sent', async () => {
  const { socket } = await house();
  const headers = { ...JSON_TYPE, 'content-length': String(17 * 1024 * 1024) };
  const sent = request({ socketPath: socket, method: 'POST', path: '/v1/tasks', headers });
  sent.flushHeaders();
  const [status, body] = await new Promise<[number, string]>((resolve, reject) => {
    sent.on('response', (response) => {
      text(response).then((said) => resolve([response.statusCode ?? 0, said]), reject);
    });
    sent.on('error', reject);
  });
  sent.destroy();
  expect([status, problemSchema.parse(JSON.parse(body)).code]).toEqual([413, 'too_large']);
});

test('an endless body is refused without being held', async () => {
  const { socket } = await house();
  const headers = { ...JSON_TYPE, 'transfer-encoding': 'chunked' };
  const sent = request({ socketPath: socket, method: 'POST', path: '/v1/tasks', headers });
  const piece = Buffer.alloc(1024 * 1024, 32);
  const status = await new Promise<number>((resolve, reject) => {
    sent.on('response', (response) => {
      resolve(response.statusCode ?? 0);
      response.resume();
    });
    sent.on('error', reject);
    const feed = (left: number): void => {
      if (left > 0) sent.write(piece, () => setImmediate(feed, left - 1));
      else sent.end();
    };
    feed(17);
  });
  sent.destroy();
  expect(status).toBe(413);
  expect((await ask({ socketPath: socket }, { path: '/healthz' })).status).toBe(200);
});

test.each([
  ['noise', 'this is no HTTP\r\n\r\n', 400],
  [
    'a head without end',
    `GET /healthz HTTP/1.1\r\nhost: a\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`,
    431,
  ],
])('%s is answered with a problem', async (_, bytes, status) => {
  const { socket } = await house();
  const raw = connectSocket(socket);
  raw.end(bytes);
  const said = await text(raw);
  expect(said).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expect(problemSchema.parse(JSON.parse(said.split('\r\n\r\n')[1] ?? '')).status).toBe(status);
});

test('the client throws the error that the engine threw', async () => {
  const { client } = await house();
  await expect(client.show({ id: 'nope' })).rejects.toThrowError(
    new TendError('not_found', '"nope" names no task', 'Look: tend ls'),
  );
  await expect(client.show({ id: 'nope' })).rejects.toMatchObject({ hint: 'Look: tend ls' });
  await expect(client.submit({ ...WORK, title: '' })).rejects.toMatchObject({
    code: 'invalid_input',
  });
});

test('what is no TendError is told to the log, not to the caller', async () => {
  const { engine, socket, faults } = await house();
  engine.doctor = async () => {
    throw new Error('a secret path');
  };
  const answer = await ask({ socketPath: socket }, { path: '/v1/doctor' });
  expect(problemIn(answer).code).toBe('internal');
  expect(answer.body).not.toContain('secret');
  expect(faults).toHaveLength(1);
});

test("a client that goes away in the middle of its body is nobody's fault", async () => {
  const { socket, faults } = await house();
  const raw = connectSocket(socket);
  raw.write('POST /v1/tasks HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n');
  raw.write('content-length: 100\r\n\r\n{"command":');
  await new Promise<void>((resolve) => raw.end(resolve));
  raw.destroy();
  for (let again = 0; again < 20; again += 1)
    expect((await ask({ socketPath: socket }, { path: '/healthz' })).status).toBe(200);
  expect(faults).toEqual([]);
});
