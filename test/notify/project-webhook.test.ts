import type { LookupAddress } from 'node:dns';
import { once } from 'node:events';
import { createConnection, createServer } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { NotifierOptions } from '../../src/adapters/notify/notifier.ts';
import { push, reasonOf } from './push.ts';
import { certificate, receiver } from './receiver.ts';

describe('a webhook of a project', () => {
  const foreign = (url: string, resolve?: NotifierOptions['resolve']) =>
    reasonOf(push({ url, publicOnly: true }, 0, resolve === undefined ? {} : { resolve }));

  test.each([
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://10.1.2.3/',
    'https://169.254.169.254/latest/meta-data',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[fd00::1]/',
    'https://[fe80::1]/',
  ])('does not reach %s', async (url) => {
    expect(await foreign(url)).toContain('is not on the public internet');
  });

  test('must use https', async () => {
    expect(await foreign('http://example.com/')).toBe('example.com must be called by https');
  });

  test('does not reach a name that leads home, even among public addresses', async () => {
    const { port, received } = await receiver(undefined, { tls: certificate() });
    const home: LookupAddress = { address: '127.0.0.1', family: 4 };
    const open: LookupAddress = { address: '1.1.1.1', family: 4 };
    for (const answer of [[home], [open, home]]) {
      const reason = await foreign(`https://receiver.test:${port}/`, async () => answer);
      expect(reason).toContain('receiver.test is not on the public internet');
    }
    const local = await foreign(`https://localhost:${port}/`);
    expect(local).toContain('localhost is not on the public internet');
    expect(received).toEqual([]);
  });
});

test('a name is resolved once, and the connection goes to what was resolved', async () => {
  const named = await receiver();
  const trap = createServer((socket) => socket.destroy());
  trap.listen(named.port, '127.0.0.2');
  await once(trap, 'listening');
  onTestFinished(() => void trap.close());
  const trapped = once(trap, 'connection').then(() => true);
  let asked = 0;
  const rebinding = async () => [{ address: `127.0.0.${++asked}`, family: 4 }];
  await push({ url: `http://receiver.test:${named.port}/` }, 0, { resolve: rebinding });
  expect(named.received).toHaveLength(1);
  expect(asked).toBe(1);
  createConnection(named.port, '127.0.0.2').on('error', () => undefined);
  expect(await trapped).toBe(true); // the trap was set: only this probe fell into it
});
