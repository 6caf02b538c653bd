import type { LookupAddress } from 'node:dns';
import { describe, expect, test } from 'vitest';
import { checkedLookup, isPublic } from '../../src/adapters/notify/address.ts';

describe('public addresses', () => {
  test.each(['1.1.1.1', '8.8.8.8', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '2a00:1450::1'])(
    '%s is one',
    (address) => expect(isPublic(address)).toBe(true),
  );

  test.each([
    '0.0.0.0',
    '10.0.0.1',
    '100.64.0.1',
    '127.255.255.254',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.1',
    '192.168.1.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::127.0.0.1',
    '::ffff:127.0.0.1',
    '::ffff:8.8.8.8',
    '64:ff9b::7f00:1',
    'fc00::1',
    'fdff::1',
    'fe80::1',
    'fe80::1%eth0',
    'fec0::1',
    'ff02::1',
    '2001::1',
    '2001:db8::1',
    '2002:7f00:1::',
    'localhost',
    '',
  ])('%s is none', (address) => expect(isPublic(address)).toBe(false));
});

describe('a checked lookup', () => {
  const both: LookupAddress[] = [
    { address: '127.0.0.1', family: 4 },
    { address: '::1', family: 6 },
  ];

  const look = (options: object, found = both, allowed = true) =>
    new Promise((resolve) => {
      const lookup = checkedLookup(
        async () => found,
        () => allowed,
      );
      lookup('receiver.test', options, (error, address, family) =>
        resolve(error === null ? [address, family] : error.message),
      );
    });

  test('answers in every form that a socket may ask for', async () => {
    expect(await look({})).toEqual(['127.0.0.1', 4]);
    expect(await look({ family: 6 })).toEqual(['::1', 6]);
    expect(await look({ family: 'IPv6' })).toEqual(['::1', 6]);
    expect(await look({ all: true })).toEqual([both, undefined]);
    expect(await look({ all: true, family: 4 })).toEqual([both.slice(0, 1), undefined]);
  });

  test('refuses what is not allowed, and what is nothing', async () => {
    expect(await look({}, both, false)).toContain('receiver.test is not on the public internet');
    expect(await look({}, [])).toBe('receiver.test has no address');
  });
});
