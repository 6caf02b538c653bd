import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import { push, reasonOf } from './push.ts';
import { certificate, closedPort, receiver, until } from './receiver.ts';
import { isGenuine } from './verify-signature.ts';

const SECRET = 'whsec-5f0c-never-shown';

describe('a webhook', () => {
  test('gets the delivery as JSON, signed', async () => {
    const { url, received } = await receiver();
    await push({ url, secret: { kind: 'value', value: SECRET } }, 3);
    expect(received).toHaveLength(1);
    const [{ method, path, headers, body } = { headers: {}, body: '' }] = received;
    expect({ method, path }).toEqual({ method: 'POST', path: '/hook?key=path-secret' });
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'tend-delivery': 'd-t-7k2m9q4x.c',
    });
    expect(JSON.parse(body)).toEqual({
      id: 'd-t-7k2m9q4x.c',
      kind: 'completion',
      taskId: 't-7k2m9q4x',
      owner: 'cli:1000',
      createdAt: '1970-01-01T00:00:02.000Z',
      preview: 'all green',
      truncated: false,
      task: {
        id: 't-7k2m9q4x',
        title: 'make test',
        state: 'failed',
        reason: 'exit_code',
        verdict: 'failed',
        group: null,
        parent: null,
        labels: { branch: 'main' },
        cwd: '/',
        attempt: 1,
        exitCode: 3,
        signal: null,
        createdAt: '1970-01-01T00:00:00.900Z',
        startedAt: '1970-01-01T00:00:01.100Z',
        endedAt: '1970-01-01T00:00:02.000Z',
      },
    });
    expect(isGenuine(SECRET, headers, body)).toBe(true);
    expect(isGenuine('another', headers, body)).toBe(false);
    expect(isGenuine(SECRET, headers, body.replace('failed', 'passed'))).toBe(false);
    const earlier = { ...headers, 'tend-timestamp': '1000000000' };
    expect(isGenuine(SECRET, earlier, body)).toBe(false);
    expect(isGenuine(SECRET, { ...headers, 'tend-timestamp': undefined }, body)).toBe(false);
  });

  test('without a secret is not signed', async () => {
    const { url, received } = await receiver();
    await push({ url });
    expect(received[0]?.headers).not.toHaveProperty('tend-signature');
  });

  test('for failures hears of nothing else, but of questions', async () => {
    const { url, received } = await receiver();
    await push({ url, events: 'failures' }, 0);
    expect(received).toEqual([]);
    await push({ url, events: 'failures' }, 1);
    expect(received).toHaveLength(1);
    await push({ url, events: 'failures' }, 0, {}, 'question');
    expect(received).toHaveLength(2);
  });

  test('that is configured no more is named', async () => {
    const receivers = () => ({ webhooks: {}, onDone: null });
    expect(await reasonOf(push({}, 0, { receivers }))).toBe('no webhook ci is configured any more');
  });
});

describe('a secret', () => {
  test('comes from a file or the environment, read at each push', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tend-notify-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const path = join(folder, 'secret');
    const { url, received } = await receiver();
    for (const secret of ['first', 'second']) {
      writeFileSync(path, `${secret}\n`);
      await push({ url, secret: { kind: 'file', path } });
      const last = received.at(-1);
      expect(isGenuine(secret, last?.headers ?? {}, last?.body ?? '')).toBe(true);
    }
    process.env['TEND_TEST_HOOK_SECRET'] = SECRET;
    onTestFinished(() => void delete process.env['TEND_TEST_HOOK_SECRET']);
    await push({ url, secret: { kind: 'env', name: 'TEND_TEST_HOOK_SECRET' } });
    expect(isGenuine(SECRET, received[2]?.headers ?? {}, received[2]?.body ?? '')).toBe(true);
  });

  test('that is missing or empty sends nothing', async () => {
    const { url, received } = await receiver();
    const reasons = await Promise.all([
      reasonOf(push({ url, secret: { kind: 'file', path: '/nowhere/secret' } })),
      reasonOf(push({ url, secret: { kind: 'file', path: '/dev/null' } })),
      reasonOf(push({ url, secret: { kind: 'env', name: 'TEND_TEST_NOT_SET' } })),
    ]);
    expect(reasons).toEqual([
      'the secret file /nowhere/secret cannot be read (ENOENT)',
      'the secret file /dev/null holds no secret',
      'the environment variable TEND_TEST_NOT_SET holds no secret',
    ]);
    expect(received).toEqual([]);
  });
});

describe('what is no 2xx is refused with a reason that tells no secret', () => {
  const secret = { kind: 'value', value: SECRET } as const;

  test.each([400, 404, 410, 429, 500, 503])('%i', async (status) => {
    const { url, port } = await receiver((response) =>
      response.writeHead(status).end(`${SECRET} ${'x'.repeat(100)}`),
    );
    expect(await reasonOf(push({ url, secret }))).toBe(`127.0.0.1:${port} answered ${status}`);
  });

  test('a redirect is not followed', async () => {
    const target = await receiver();
    const { url, port } = await receiver((response) =>
      response.writeHead(307, { location: target.url }).end(),
    );
    expect(await reasonOf(push({ url, secret }))).toBe(
      `127.0.0.1:${port} answered 307; redirects are not followed`,
    );
    expect(target.received).toEqual([]);
  });

  test('a receiver that is down', async () => {
    const port = await closedPort();
    const url = `http://me:${SECRET}@127.0.0.1:${port}/${SECRET}`;
    expect(await reasonOf(push({ url, secret }))).toBe(
      `127.0.0.1:${port} was not reached: ECONNREFUSED`,
    );
  });

  test('a receiver that never answers', async () => {
    const { url, port, received } = await receiver(() => undefined);
    expect(await reasonOf(push({ url, secret }, 0, { webhookTimeout: 50 }))).toBe(
      `127.0.0.1:${port} was not reached: no answer within 0.05 s`,
    );
    expect(received).toHaveLength(1);
  });

  test('a receiver that closes, and one that speaks no HTTP', async () => {
    const hangsUp = await receiver((response) => response.destroy());
    expect(await reasonOf(push({ url: hangsUp.url }))).toMatch(/was not reached: ECONNRESET$/);
    const babbler = createServer((socket) => socket.on('data', () => socket.end('hello\r\n\r\n')));
    babbler.listen(0, '127.0.0.1');
    await once(babbler, 'listening');
    onTestFinished(() => void babbler.close());
    const { port } = babbler.address() as AddressInfo;
    expect(await reasonOf(push({ url: `http://127.0.0.1:${port}` }))).toMatch(
      /was not reached: HPE_/,
    );
  });

  test('a certificate that nobody vouches for', async () => {
    const { port } = await receiver(undefined, { tls: certificate() });
    const resolve = async () => [{ address: '127.0.0.1', family: 4 }];
    const url = `https://receiver.test:${port}/`;
    expect(await reasonOf(push({ url }, 0, { resolve }))).toBe(
      `receiver.test:${port} was not reached: DEPTH_ZERO_SELF_SIGNED_CERT`,
    );
  });

  test('the end of the daemon', async () => {
    const { url, received } = await receiver(() => undefined);
    const stop = new AbortController();
    const pushed = reasonOf(push({ url }, 0, { signal: stop.signal }));
    await until(() => received.length === 1);
    stop.abort();
    expect(await pushed).toMatch(/was not reached: interrupted by the end of the daemon$/);
  });
});

test('https to a name is verified against that name', async () => {
  const before = getCACertificates('default');
  onTestFinished(() => setDefaultCACertificates(before));
  setDefaultCACertificates([...before, certificate().cert.toString()]);
  const { port, received } = await receiver(undefined, { tls: certificate() });
  const resolve = async () => [{ address: '127.0.0.1', family: 4 }];
  await push({ url: `https://receiver.test:${port}/` }, 0, { resolve });
  expect(received).toHaveLength(1);
  expect(await reasonOf(push({ url: `https://other.test:${port}/` }, 0, { resolve }))).toBe(
    `other.test:${port} was not reached: ERR_TLS_CERT_ALTNAME_INVALID`,
  );
});

test('a huge answer is cut off, and its status still counts', async () => {
  let written = 0;
  let gone = false;
  const { url } = await receiver((response) => {
    response.on('close', () => (gone = true));
    response.writeHead(200);
    const more = (): void => {
      while (!gone && response.write('x'.repeat(65_536))) written += 65_536;
      if (!gone) response.once('drain', more);
    };
    more();
  });
  await push({ url });
  await until(() => gone);
  expect(written).toBeLessThan(16 * 1024 * 1024);
});

test('an answer that never ends counts by its status', async () => {
  const { url } = await receiver((response) => void response.writeHead(200).write('so '));
  await push({ url }, 0, { webhookTimeout: 100 });
});

test('no connection is left open', async () => {
  const { url, server } = await receiver();
  await Promise.all([push({ url }), push({ url }), push({ url })]);
  const open = () => new Promise<number>((resolve) => server.getConnections((_, n) => resolve(n)));
  let count = -1;
  await until(() => {
    void open().then((n) => (count = n));
    return count === 0;
  });
});
