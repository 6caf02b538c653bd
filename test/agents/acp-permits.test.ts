import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from 'vitest';
import type { Permissions } from '../../src/domain/envelope.ts';
import type { Step } from '../fixtures/bin/acp-agent.ts';
import { ground, run } from './acp-ground.ts';

interface Asked {
  token: string;
  tool: string;
  subject: string;
  input: string;
}

let server: Server | null = null;
afterEach(async () => {
  server?.closeAllConnections();
  await server?.[Symbol.asyncDispose]();
  server = null;
});

/** A daemon that rules so; what it was asked. */
async function daemon(rule: (asked: Asked) => object, status = 200): Promise<Asked[]> {
  const asked: Asked[] = [];
  const made = createServer((request, response) => {
    void text(request).then((body) => {
      const one = JSON.parse(body) as Asked;
      asked.push(one);
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(rule(one)));
    });
  });
  server = made;
  await new Promise<void>((resolve) => made.listen(socket(), resolve));
  return asked;
}
const socket = () => join(ground.root, 's');
const tools = (permits: boolean) => ({
  command: '/node',
  args: ['tend'],
  env: { TEND_SOCKET: socket(), TEND_WORKER_TOKEN: 'sesame' },
  permits,
});
const asks = (toolCall: object): Step => ({ ask: { toolCall: { toolCallId: 'c', ...toolCall } } });
const runs = (steps: Step[], permissions: Permissions = 'workspace', permits = true) =>
  run(steps, { request: { permissions, tools: tools(permits) } });
const PUSH = { kind: 'execute', title: 'Push', rawInput: { command: 'git push' } };
const allow = () => ({ ruling: 'allow', reason: 'config: default' });

describe('what the permissions leave open is ruled on', () => {
  test.each<[object, { subject: string; input: string }]>([
    [PUSH, { subject: 'git push', input: '' }],
    [
      { ...PUSH, rawInput: { command: ['bash', '-lc', 'a && b'] } },
      { subject: 'a && b', input: '' },
    ],
    [
      { ...PUSH, rawInput: { command: ['git', 'push', 'a b'] } },
      { subject: '["git","push","a b"]', input: '' },
    ],
    [
      { kind: 'execute', title: 'git push' },
      { subject: 'git push', input: '' },
    ],
    [
      { kind: 'edit', locations: [{ path: '/etc/x' }] },
      { subject: '/etc/x', input: '' },
    ],
    [
      { kind: 'fetch', rawInput: { url: 'https://x.org' } },
      { subject: 'https://x.org', input: '' },
    ],
    [
      { kind: 'other', title: 'Deploy', rawInput: { to: 'prod' } },
      { subject: '', input: '{"title":"Deploy","to":"prod"}' },
    ],
  ])('%j', async (call, expected) => {
    const asked = await daemon(allow);
    const { answer, report } = await runs([asks(call)]);
    expect(asked).toEqual([
      { token: 'sesame', tool: (call as { kind: string }).kind, ...expected },
    ]);
    expect(answer).toContain('"optionId":"yes"');
    expect(report.denied).toBe(0);
  });

  test('each path of a call counts', async () => {
    const asked = await daemon(({ subject }) => ({ ruling: subject === '/b' ? 'deny' : 'allow' }));
    const paths = ['/a', '/b', '/c'].map((path) => ({ path }));
    const { answer } = await runs([asks({ kind: 'edit', locations: paths })]);
    expect(asked.map(({ subject }) => subject)).toEqual(['/a', '/b']);
    expect(answer).toContain('"optionId":"no"');
  });

  test('a call is refused whose rule says so, or that cannot be ruled on', async () => {
    await daemon(() => ({ ruling: 'deny', reason: 'not allowed (config)' }));
    const { stdout, answer } = await runs([asks(PUSH)]);
    expect(answer).toContain('"optionId":"no"');
    expect(stdout).toContain('not allowed (config)');
    expect(stdout).not.toContain('sesame');
  });

  test('an error of the daemon, or its absence, is a no', async () => {
    await daemon(() => ({ detail: 'attempt 1 is over' }), 409);
    const { stdout } = await runs([asks(PUSH)]);
    expect(stdout).toContain('attempt 1 is over');
    await server?.[Symbol.asyncDispose]();
    server = null;
    expect((await runs([asks(PUSH)])).stdout).toContain('tend could not be asked');
  });

  test('an agent is stopped as soon as a person is asked', async () => {
    await daemon(() => ({ ruling: 'asked', reason: 'a person is asked' }));
    const { answer, exit, stdout } = await runs([asks(PUSH), { hang: true }]);
    expect(stdout).toContain('a person is asked');
    expect(answer).not.toContain('"optionId":"yes"');
    expect(exit).not.toEqual({ code: 0 });
  });
});

test.each<[Permissions, boolean]>([
  ['workspace', false],
  ['read-only', true],
  ['full', true],
])('nobody is asked with %s, where it may pass: %s', async (permissions, permits) => {
  const asked = await daemon(allow);
  await runs([asks(PUSH)], permissions, permits);
  expect(asked).toEqual([]);
});
