/** Each kind of channel as its service would get it, and what the service may answer. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Channel, speak, type Spoken } from '../../src/adapters/notify/channel.ts';
import { createNotifier } from '../../src/adapters/notify/notifier.ts';
import type { Notice } from '../../src/domain/notice.ts';
import type { Refusal } from '../../src/ports/notifier.ts';
import { receiver } from './receiver.ts';
import { deliveryTo, endedTask } from './sample.ts';

const TOKEN = '123456:never-shown-token';
const NOTICE: Notice = { title: 'Failed: a <b> & *c*', lines: ['@everyone'], tone: 'bad' };
const HOW = {
  id: 'd-1',
  sending: {
    now: 1_000_000,
    timeout: 2_000,
    signal: undefined,
    resolve: async () => [{ address: '127.0.0.1', family: 4 }],
  },
  running: { cwd: '/', environment: {}, timeout: 1_000, signal: undefined },
};

const value = (of: string) => ({ kind: 'value', value: of }) as const;
const say = (channel: Spoken): Promise<string> => speak(channel, NOTICE, HOW);
const refusalOf = (channel: Spoken): Promise<Refusal> =>
  say(channel).then(
    () => expect.unreachable('it was taken'),
    (error: unknown) => error as Refusal,
  );

describe('what a service gets', () => {
  test.each<['slack' | 'discord' | 'teams', unknown]>([
    ['slack', { text: 'Failed: a &lt;b&gt; &amp; *c*\n@everyone', mrkdwn: false }],
    [
      'discord',
      {
        content: 'Failed\\: a \\<b\\> \\& \\*c\\*\n\\@everyone',
        allowed_mentions: { parse: [] },
      },
    ],
    ['teams', { type: 'message', attachments: [{ content: { type: 'AdaptiveCard' } }] }],
  ])('%s', async (kind, body) => {
    const { url, received, port } = await receiver();
    expect(await say({ kind, events: 'all', url: value(url) })).toBe(
      `127.0.0.1:${port} answered 204`,
    );
    expect(received).toMatchObject([{ method: 'POST', path: '/hook?key=path-secret' }]);
    expect(received[0]?.headers['content-type']).toBe('application/json');
    expect(JSON.parse(received[0]?.body ?? '')).toMatchObject(body as object);
  });

  test('telegram', async () => {
    const { url, received } = await receiver((response) => response.end('{"ok":true}'));
    const base = new URL(url).origin;
    await say({
      kind: 'telegram',
      events: 'all',
      url: `${base}/`,
      token: value(TOKEN),
      chat: '-100',
    });
    expect(received[0]?.path).toBe(`/bot${TOKEN}/sendMessage`);
    expect(JSON.parse(received[0]?.body ?? '')).toEqual({
      chat_id: '-100',
      text: 'Failed: a <b> & *c*\n@everyone',
      link_preview_options: { is_disabled: true },
    });
  });

  test('ntfy, with and without a token', async () => {
    const { url, received } = await receiver();
    const base = new URL(url).origin;
    await say({ kind: 'ntfy', events: 'all', url: `${base}/sub/my-topic`, token: value(TOKEN) });
    await say({ kind: 'ntfy', events: 'all', url: `${base}/my%20topic/`, token: null });
    expect(received.map(({ path, headers }) => [path, headers.authorization])).toEqual([
      ['/sub/', `Bearer ${TOKEN}`],
      ['/', undefined],
    ]);
    expect(received.map(({ body }) => JSON.parse(body) as unknown)).toMatchObject([
      { topic: 'my-topic', title: NOTICE.title, message: '@everyone', tags: ['x'], priority: 4 },
      { topic: 'my topic' },
    ]);
  });

  test('an address may come from a file, read at each message', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tend-channel-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const path = join(folder, 'address');
    const { url, received } = await receiver();
    writeFileSync(path, `${url}\n`);
    const channel: Spoken = { kind: 'slack', events: 'all', url: { kind: 'file', path } };
    await say(channel);
    expect(received).toHaveLength(1);
    writeFileSync(path, 'file:///etc/passwd');
    expect((await refusalOf(channel)).message).toBe(
      'the address of this slack channel is no http or https address',
    );
  });
});

describe('a service that refuses', () => {
  test('is quoted, without what is secret', async () => {
    const { url, port } = await receiver((response) =>
      response.writeHead(404).end(`no bot${TOKEN} \n here, path-secret, ${'x'.repeat(999)}`),
    );
    const base = new URL(url).origin;
    const telegram = { kind: 'telegram', events: 'all', url: base, chat: '1' } as const;
    const { message } = await refusalOf({ ...telegram, token: value(TOKEN) });
    expect(message).toMatch(`127.0.0.1:${port} answered 404: no bot*** here, path-secret, xxx`);
    expect(message.length).toBeLessThan(260);
    const slack = await refusalOf({
      kind: 'slack',
      events: 'all',
      url: value(`${base}/T000/B000/${TOKEN}`),
    });
    expect(slack.message).not.toContain(TOKEN);
  });

  test.each<[string, Parameters<typeof receiver>[0], number | undefined]>([
    ['a header', (response) => response.writeHead(429, { 'retry-after': '3' }).end(), 3_000],
    [
      'its body',
      (response) => response.writeHead(429).end('{"parameters":{"retry_after":7.5}}'),
      7_500,
    ],
    ['neither', (response) => response.writeHead(429).end('later'), undefined],
    [
      'a date, which is not read',
      (response) =>
        response.writeHead(503, { 'retry-after': 'Thu, 26 Nov 2026 09:00:00 GMT' }).end(),
      undefined,
    ],
  ])('may say for how long in %s', async (_, answer, wait) => {
    const { url } = await receiver(answer);
    expect((await refusalOf({ kind: 'discord', events: 'all', url: value(url) })).retryAfter).toBe(
      wait,
    );
  });
});

describe('through the notifier', () => {
  const notifier = (channel: Channel, log: (facts: unknown) => void = () => undefined) =>
    createNotifier({
      receivers: () => ({ webhooks: {}, channels: { phone: channel }, onDone: null }),
      clock: { now: Date.now, monotonic: () => performance.now() },
      environment: { PATH: '/usr/bin:/bin', HOME: '/' },
      log: (message, facts) => log({ message, ...facts }),
    });
  const told = (code: number) => ({
    delivery: deliveryTo('channel:phone'),
    task: endedTask(code),
  });

  test('several deliveries are one message; successes are left out where failures are asked for', async () => {
    const { url, received } = await receiver();
    const channel: Channel = { kind: 'slack', events: 'failures', url: value(url) };
    expect(await notifier(channel).push([told(0)])).toBeUndefined();
    await notifier(channel).push([told(0), told(1), told(2)]);
    expect(received).toHaveLength(1);
    expect(JSON.parse(received[0]?.body ?? '')).toMatchObject({
      text: expect.stringMatching(/^2 messages: 2 went wrong\n/),
    });
  });

  test('a command gets the facts, as the on_done command does', async () => {
    const logged: unknown[] = [];
    const channel: Channel = {
      kind: 'command',
      events: 'all',
      command: 'printf "%s %s" "$TEND_TASK_ID" "$TEND_STATE"',
    };
    const told_ = await notifier(channel, (facts) => logged.push(facts)).push([told(1)]);
    expect(told_).toBe('the phone command exited with code 0');
    expect(logged).toMatchObject([{ message: 'phone wrote', output: 't-7k2m9q4x failed' }]);
    await expect(notifier({ ...channel, command: 'exit 3' }).push([told(1)])).rejects.toThrow(
      'the phone command exited with code 3',
    );
  });

  test('one that is configured no more is named', async () => {
    const gone = { ...told(1), delivery: deliveryTo('channel:gone') };
    await expect(notifier({ kind: 'desktop', events: 'all' }).push([gone])).rejects.toThrow(
      'no channel gone is configured any more',
    );
  });

  test('a test message says what it is', async () => {
    const { url, received, port } = await receiver();
    const channel: Channel = { kind: 'slack', events: 'failures', url: value(url) };
    expect(await notifier(channel).test('channel:phone')).toBe(`127.0.0.1:${port} answered 204`);
    expect(received[0]?.body).toContain('A test message from Tend');
  });
});
