/** `tend notify` and `tend digest` with the built program, a real daemon and a real receiver. */
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Output } from '../../src/interfaces/client/index.ts';
import { Home, until } from './home.ts';

const SECRET = 'T000-never-shown';
const home = new Home();
const received: { path: string; body: string }[] = [];
let answer: (response: ServerResponse) => void = (response) => void response.writeHead(200).end();
const server = createServer((request, response) => {
  void text(request).then((body) => {
    received.push({ path: request.url ?? '', body });
    answer(response);
  });
});
let host = '';

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  mkdirSync(join(home.path, 's'), { recursive: true, mode: 0o700 });
  writeFileSync(
    join(home.path, 's/config.toml'),
    `[channels.team]
kind = "slack"
url = "http://${host}/services/${SECRET}"
gather = 0
[webhooks.ci]
url = "http://${host}/ci"
events = "failures"
[notify]
criteria = ["it broke"]
`,
    { mode: 0o600 },
  );
});
afterAll(async () => {
  await home.close();
  server.closeAllConnections();
  server.close();
});

describe('a test message', () => {
  test('goes out for real, and the answer is told', async () => {
    expect((await home.out('notify', 'test')).split('\n')).toEqual([
      `sent  channel:team  ${host} answered 200`,
      `sent  webhook:ci  ${host} answered 200`,
      '',
    ]);
    expect(received.map(({ path }) => path)).toEqual([`/services/${SECRET}`, '/ci']);
    expect(JSON.parse(received[1]?.body ?? '')).toMatchObject({ kind: 'test' });
    expect(await home.out('notify', 'test', 'ci', '-q')).toBe('webhook:ci\n');
  });

  test('that does not arrive is a failure, with the reason and no secret', async () => {
    answer = (response) => void response.writeHead(403).end(`bad ${SECRET}`);
    const { code, stdout } = await home.tend(['notify', 'test', 'team']);
    answer = (response) => void response.writeHead(200).end();
    expect(code).toBe(1);
    expect(stdout).toBe(`failed  channel:team  ${host} answered 403: bad ***\n`);
  });

  test('to nobody names who was probably meant', async () => {
    const { code, stderr } = await home.tend(['notify', 'test', 'tema']);
    expect(code).toBe(3);
    expect(stderr).toContain('Did you mean: team');
  });

  test('a wrong word is answered with the nearest one', async () => {
    const { code, stderr } = await home.tend(['notify', 'tset']);
    expect(code).toBe(2);
    expect(stderr).toContain('Did you mean: tend notify test');
  });
});

describe('ends', () => {
  test('are told to channels, failures alone where that was asked for', async () => {
    received.length = 0;
    await home.tend(['run', '--wait', '--title', 'all well', '--', 'true']);
    await home.tend(['run', '--wait', '--title', 'it broke', '--', 'exit 3']);
    await until('three messages', () => received.length === 3);
    const texts = received
      .filter(({ path }) => path !== '/ci')
      .map(({ body }) => (JSON.parse(body) as { text: string }).text.split('\n')[0]);
    expect(texts).toEqual(['Completed: all well', 'Failed (exit_code, code 3): it broke']);
  });

  test('and the list shows how the last one went, and no secret', async () => {
    const { channels } = await home.json<Output<'channels'>>('notify', 'ls');
    expect(channels).toMatchObject([
      {
        name: 'channel:team',
        kind: 'slack',
        where: host,
        pending: 0,
        lastError: `${host} answered 403: bad ***`,
        rate: { most: 20, withinMs: 60_000 },
      },
      { name: 'webhook:ci', kind: 'webhook', events: 'failures', failedAt: null },
    ]);
    const shown = await home.out('notify');
    expect(shown).toMatch(
      /^channel:team +slack +127\.0\.0\.1:\d+ +0 +0 +(now|.* ago) +(now|.* ago)/m,
    );
    expect(shown + (await home.out('config', '--json'))).not.toContain(SECRET);
    expect(await home.out('notify', 'ls', '-q')).toBe('channel:team\nwebhook:ci\n');
  });

  test('what is significant is fixed with the task', async () => {
    const id = await home.run('--notify', 'if_significant', '--', 'true');
    await home.tend(['wait', id]);
    await home.tend([
      'run',
      '--wait',
      '--notify',
      'if_significant',
      '--criterion',
      'a',
      '--',
      'true',
    ]);
    const { code } = await home.tend(['run', '--criterion', '', '--', 'true']);
    expect(code).toBe(2);
  });
});

describe('dead letters', () => {
  test('none is said, and so is a wrong id', async () => {
    expect(await home.out('notify', 'dead')).toBe(
      'no dead letters: everything arrived, or is tried\n',
    );
    expect(await home.json('notify', 'resend', '--all')).toEqual({ resent: [] });
    const wrong = await home.tend(['notify', 'resend', 'd-none']);
    expect([wrong.code, wrong.stderr]).toEqual([
      3,
      expect.stringContaining('d-none is no delivery that is yet to arrive'),
    ]);
    expect((await home.tend(['notify', 'resend'])).code).toBe(2);
  });

  test('what waits for its next try is sent at once', async () => {
    answer = (response) => void response.writeHead(500).end();
    received.length = 0;
    await home.tend(['run', '--wait', '--', 'exit 1']);
    await until('both were tried', () => received.length === 2);
    const { channels } = await home.json<Output<'channels'>>('notify', 'ls');
    expect(channels.map(({ pending }) => pending)).toEqual([1, 1]);
    answer = (response) => void response.writeHead(200).end();
    const { tasks } = await home.json<Output<'list'>>('ls', '--all');
    const [task] = tasks;
    const created = Date.parse(task?.createdAt ?? '').toString(36);
    const id = `d-${task?.id}.${created}.c.channel_team`;
    expect(await home.out('notify', 'resend', id)).toBe(`sending ${id} again\n`);
    await until('it arrives', () => received.length === 3);
    await until('nothing waits for the team', async () => {
      const { channels: now } = await home.json<Output<'channels'>>('notify', 'ls');
      return now[0]?.pending === 0;
    });
  });
});

test('the digest has all that ended, and in short what is to be looked at', async () => {
  await home.tend(['run', '--wait', '--notify', 'never', '--title', 'quiet work', '--', 'true']);
  const found = await home.json<Output<'digest'>>('digest', '--since', '1h');
  expect(found).toMatchObject({ failed: 2, costUsd: 0, waiting: [], more: false });
  const shown = await home.out('digest');
  expect(shown).toMatch(/^Since .* UTC: \d+ done, 2 failed\n/);
  expect(shown).toContain('failed (exit_code): t-');
  expect(shown).toContain('quiet work');
  expect((await home.out('digest', '-q')).trimEnd().split('\n')).toHaveLength(2);
  expect(await home.out('digest', '--owner', 'nobody')).toContain('0 done, 0 failed');
});
