import { describe, expect, test } from 'vitest';
import { HOUR, namedZone, utcOf, type Zone } from './civil.ts';
import { zoneAt, zoneOf } from './zones.ts';

/** 21 November 2026, 01:00 UTC: winter in the north. */
const WINTER = 1_795_222_800_000;
const SUMMER = WINTER - 180 * 24 * HOUR;
const TOKYO = namedZone('Asia/Tokyo');

/** Hours ahead of Greenwich in winter and in summer. */
const ahead = (zone: Zone | null) =>
  zone === null ? null : [WINTER, SUMMER].map((at) => (utcOf(zone(at)) - at) / HOUR);

describe('zones as they are written', () => {
  test.each([
    ['UTC', 0, 0],
    ['utc', 0, 0],
    ['Z', 0, 0],
    ['GMT', 0, 0],
    ['GMT+2', 2, 2],
    ['UTC-03:30', -3.5, -3.5],
    ['+0545', 5.75, 5.75],
    ['-08:00', -8, -8],
    ['PST', -8, -8],
    ['PDT', -7, -7],
    ['EST', -5, -5],
    ['CET', 1, 1],
    ['CEST', 2, 2],
    ['JST', 9, 9],
    ['ET', -5, -4],
    ['PT', -8, -7],
    ['Pacific Time', -8, -7],
    ['Eastern Standard Time', -5, -4],
    ['Europe/Berlin', 1, 2],
    ['America/Argentina/Buenos_Aires', -3, -3],
    ['Etc/GMT+5', -5, -5],
    ['Japan', 9, 9],
    ['local time', 9, 9],
    ['your local time', 9, 9],
  ])('%s', (name, winter, summer) => {
    expect(ahead(zoneOf(name, TOKYO))).toEqual([winter, summer]);
  });

  // Short names of old that the platform would take for something, too.
  test.each(['IST', 'AST', 'ACT', 'XYZ', 'Foo/Bar', 'toString', '+16:00', '-10:60', 'Mars', ''])(
    '%j is unknown',
    (name) => {
      expect(zoneOf(name, TOKYO)).toBeNull();
    },
  );

  test('the place of the machine may be unknown itself', () => {
    expect(zoneOf('local time', null)).toBeNull();
  });
});

describe('a zone after a time', () => {
  test.each([
    [' (Asia/Tokyo) and', ' (Asia/Tokyo)', 9],
    ['(UTC)', '(UTC)', 0],
    [' (GMT+2)', ' (GMT+2)', 2],
    [' (Pacific Time)', ' (Pacific Time)', -8],
    [' UTC.', ' UTC', 0],
    ['Z"', 'Z', 0],
    ['+02:00', '+02:00', 2],
    [' +0000 UTC', ' +0000', 0],
    [' UTC+2,', ' UTC+2', 2],
    [' GMT+05:30', ' GMT+05:30', 5.5],
    [' PST', ' PST', -8],
    [' Eastern Time', ' Eastern Time', -5],
    [' America/New_York', ' America/New_York', -5],
    [' local time', ' local time', 9],
  ])('%j takes %j', (text, taken, hours) => {
    const written = zoneAt(text, TOKYO);
    expect(text.slice(0, written?.length)).toBe(taken);
    expect(ahead(written?.zone ?? null)?.[0]).toBe(hours);
  });

  test.each([' (Foo/Bar)', ' (XYZ)', ' (GMT+99)', ' (Martian time)', ' Foo/Bar', ' XYZ', ' IST'])(
    '%j is one that is unknown',
    (text) => {
      expect(zoneAt(text, TOKYO)).toEqual({ length: text.length, zone: null });
    },
  );

  test.each([
    '',
    ' or later',
    ' Visit us',
    ' (see the docs)',
    ' (estimated)',
    '. PST',
    '-5pm',
    ' -',
    ' (',
    '()',
  ])('%j is none', (text) => {
    expect(zoneAt(text, TOKYO)).toBeNull();
  });
});
