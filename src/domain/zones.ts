import { fixedZone, HOUR, MINUTE, namedZone, UTC, type Zone } from './civil.ts';

/**
 * What abbreviations mean, in hours ahead of Greenwich. Those that two parts of the world use for different
 * hours and that no agent prints (IST, AST …) are left out: an unknown zone is better than a wrong one.
 */
const ABBREVIATIONS: Readonly<Record<string, number>> = {
  UTC: 0,
  GMT: 0,
  Z: 0,
  WET: 0,
  WEST: 1,
  BST: 1,
  CET: 1,
  CEST: 2,
  EET: 2,
  EEST: 3,
  MSK: 3,
  SGT: 8,
  HKT: 8,
  AWST: 8,
  JST: 9,
  KST: 9,
  ACST: 9.5,
  ACDT: 10.5,
  AEST: 10,
  AEDT: 11,
  NZST: 12,
  NZDT: 13,
  HST: -10,
  AKST: -9,
  AKDT: -8,
  PST: -8,
  PDT: -7,
  MST: -7,
  MDT: -6,
  CST: -6,
  CDT: -5,
  EST: -5,
  EDT: -4,
};

/** Names of zones whose hour depends on the season. */
const SEASONAL: Readonly<Record<string, string>> = {
  PT: 'America/Los_Angeles',
  MT: 'America/Denver',
  CT: 'America/Chicago',
  ET: 'America/New_York',
  PACIFIC: 'America/Los_Angeles',
  MOUNTAIN: 'America/Denver',
  CENTRAL: 'America/Chicago',
  EASTERN: 'America/New_York',
};

/** Clocks are nowhere further ahead of Greenwich, or behind it. */
const FURTHEST = 15 * HOUR;

function offsetZone([, sign = '', hours = '', minutes = '0']: readonly string[]): Zone | null {
  const offset = Number(hours) * HOUR + Number(minutes) * MINUTE;
  return offset > FURTHEST || Number(minutes) > 59
    ? null
    : fixedZone(sign === '-' ? -offset : offset);
}

function abbreviated(name: string): Zone | null {
  const upper = name.toUpperCase();
  const hours = Object.hasOwn(ABBREVIATIONS, upper) ? ABBREVIATIONS[upper] : undefined;
  if (hours !== undefined) return hours === 0 ? UTC : fixedZone(hours * HOUR);
  const seasonal = Object.hasOwn(SEASONAL, upper) ? SEASONAL[upper] : undefined;
  return seasonal === undefined ? null : namedZone(seasonal);
}

/** The platform also knows short names of old, with meanings of its own: those are not asked for. */
const IANA = /^[a-z_]+\/[a-z_/+\-\d]+$|^[a-z]{5,}$/i;

/** The zone that a name stands for, as people and programs write it; null = unknown. */
export function zoneOf(written: string, local: Zone | null): Zone | null {
  const name = written.trim().replace(/ (?:standard |daylight )?time$/i, '');
  if (/^(?:your )?local$/i.test(name)) return local;
  const offset = /^(?:UTC|GMT)? ?([+-])(\d{1,2})(?::?(\d{2}))?$/i.exec(name);
  if (offset !== null) return offsetZone(offset);
  return abbreviated(name) ?? (IANA.test(name) ? namedZone(name) : null);
}

/** What stands where a zone can stand: how much of the text it takes, and the zone; null = one that is unknown. */
export interface WrittenZone {
  length: number;
  zone: Zone | null;
}

/** In brackets anything may stand: only what looks like a zone is an unknown one, the rest is a remark. */
const LOOKS_LIKE_A_ZONE = /\/|^[A-Z]{2,5}$|^(?:UTC|GMT)|^[+-]\d|\btime$/i;
const BARE = [
  /^ ?(?:UTC|GMT)? ?[+-]\d{2}:?\d{2}(?!\d)/i,
  /^ ?(?:UTC|GMT) ?[+-]\d{1,2}(?![\d:])/i,
  /^ ?(?:UTC|GMT)(?![\w+-])/i,
  /^ ?(?:Pacific|Mountain|Central|Eastern)(?: Standard| Daylight)? Time\b/i,
  /^ ?(?:your )?local time\b/i,
  /^ ?[A-Z][A-Za-z_]+(?:\/[A-Z][A-Za-z_+\-\d]+){1,2}/,
  /^ ?(?:Z|[A-Z]{2,5})(?![\w-])/,
] as const;

/** The zone at the beginning of `text`; null = there stands none. */
export function zoneAt(text: string, local: Zone | null): WrittenZone | null {
  const bracket = /^ ?\(([^()]{1,40})\)/.exec(text);
  if (bracket !== null) {
    const [{ length }, inner = ''] = bracket;
    const zone = zoneOf(inner, local);
    return zone === null && !LOOKS_LIKE_A_ZONE.test(inner) ? null : { length, zone };
  }
  const written = BARE.map((pattern) => pattern.exec(text)?.[0]).find(
    (found) => found !== undefined,
  );
  return written === undefined ? null : { length: written.length, zone: zoneOf(written, local) };
}
