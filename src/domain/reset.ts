import { DAY, HOUR, MINUTE, namedZone, SECOND, type Zone } from './civil.ts';
import { JUST_GONE, toldTime } from './told-time.ts';

/** How far ahead a reset is believed. */
export const FURTHEST_RESET = 400 * DAY;

/** Words of a reset that are looked at: a message has one or two, a log may have any number. */
const MOST_PLACES = 1_000;
/** How much of the text after such a word can tell the time. */
const LONGEST_PLACE = 160;

/** The moment at which a limit ends, as `message` tells it (epoch ms); null when it tells none: nothing is invented. */
export function resetTime(message: string, now: number, timeZone: string): number | null {
  // Curly apostrophes and the narrow spaces before AM and PM are what people's locales print.
  const text = message.replace(/\s+/g, ' ').replace(/[‘’]/g, "'");
  const places = [...text.matchAll(PLACE)].slice(0, MOST_PLACES);
  if (places.length === 0) return null;
  const local = namedZone(timeZone);
  for (const { index } of places) {
    const before = text.slice(Math.max(0, index - 24), index);
    const told = toldAt(before, text.slice(index, index + LONGEST_PLACE), now, local);
    if (told === null) continue;
    const moment = Math.round(told);
    if (moment > now - JUST_GONE && moment <= now + FURTHEST_RESET) return moment;
  }
  return null;
}

/** Only what stands after one of these words is a reset. */
const PLACE =
  /reset|retry|renew|refresh|refill|replenish|available|again|cycle ends|limited until|reached\||wait/gi;

/** The word as it stands in a sentence, and what must introduce the time after it; null = nothing must. */
const SENTENCES: readonly { words: RegExp; after: RegExp | null }[] = [
  { words: /^reached(?=\|)/i, after: null },
  {
    words:
      /^(?:reset(?:s|ting)?|renew(?:s|ed|als?)?|refresh(?:es)?|refills?|replenish(?:es|ed)?)(?![\w-])/i,
    after: null,
  },
  { words: /^(?:cycle ends|limited until|again)(?![\w-])/i, after: null },
  { words: /^retry[-_]?after(?![\w-])/i, after: null },
  { words: /^(?:available|retry)(?![\w-])/i, after: /\b(?:in|after|at|on|by|from|until)\b/i },
];

/** A key of a header or of JSON, such as `retry-after: `, `"resets_in_seconds":` or `retryDelayMs=`. */
const KEY = /^(?:reset|retry|renew)([\w-]{0,40})["'\\]{0,6} ?[:=] ?["'\\]{0,6}/i;
/** What can follow in such a key; others (`retry_count`, `retryAttempt`) tell of other things. */
const KEY_REST =
  /^(?:e?s)?(?:[-_]?(?:at|on|in|after|date|time|timestamp|epoch|delay|seconds?|secs?|ms|millis|requests|tokens|input|output))*$/i;
const IN_MS = /ms$|millis$/i;
const COUNTS_SECONDS = /after|delay|sec|in(?:[-_]|$)/i;

/** Words between the word of a reset and the time. */
const LEAD =
  /^(?:[ :=|~(,]+|(?:time|date|is|will be|again|later|back|at least|at|on|by|from|until|in|after|for|about|around|approximately|approx\.?|roughly|less than|another|the)(?![\w-]))/i;

/** What stands before `again` where it is about trying. */
const TRYING = /\b(?:try|trying|available|used?|ask)\b[^.]{0,16}$/i;
const WAITED_FOR = /^[,.;]? ?(?:before|and|then|until|to)\b[^.]{0,30}?(?:try|retry|again|reset)/i;

function toldAt(before: string, place: string, now: number, local: Zone | null): number | null {
  const key = KEY.exec(place);
  if (key !== null) {
    const [{ length }, rest = ''] = key;
    return ofKey(before, rest, led(place.slice(length)).rest, now, local);
  }
  // Part of another word, or of an identifier.
  if (/[\w-]$/.test(before)) return null;
  if (/^again/i.test(place) && !TRYING.test(before)) return null;
  if (/^wait\b/i.test(place)) return ofWait(place.slice('wait'.length), now);
  for (const { words, after } of SENTENCES) {
    const word = words.exec(place)?.[0];
    if (word !== undefined) return ofSentence(word, after, place.slice(word.length), now, local);
  }
  return null;
}

function ofKey(
  before: string,
  rest: string,
  value: string,
  now: number,
  local: Zone | null,
): number | null {
  if (!KEY_REST.test(rest)) return null;
  const moment = epochAt(value);
  if (moment !== null) return moment;
  const length = durationAt(value)?.length ?? null;
  if (length !== null) return now + length;
  const bare = /^\d{1,9}(?:\.\d{1,9})?(?![\w:.-])/.exec(value)?.[0];
  if (bare === undefined) return toldTime(value, now, local);
  if (IN_MS.test(rest)) return now + Number(bare);
  return COUNTS_SECONDS.test(rest) || /rate-?_?limit-?_?$/i.test(before)
    ? now + Number(bare) * SECOND
    : null;
}

function ofSentence(
  word: string,
  after: RegExp | null,
  text: string,
  now: number,
  local: Zone | null,
): number | null {
  const { lead, rest } = led(text);
  if (after !== null && !after.test(lead)) return null;
  const moment = epochAt(rest);
  if (moment !== null) return moment;
  const duration = durationAt(rest);
  if (duration === null) {
    const bare = /^\d{1,9}(?:\.\d{1,9})?(?=[,;)\]}"'.]|$)/.exec(rest)?.[0];
    return bare !== undefined && /after\b/i.test(word + lead)
      ? now + Number(bare) * SECOND
      : toldTime(rest, now, local);
  }
  // "resets 5 hours after …" tells no moment, "resets in 5 hours" does.
  const introduced = /\bin\b|after\b|[:=~]/i.test(word + lead);
  const alone = /^(?:[.,;)·∙]|$)/.test(duration.rest.trimStart());
  return introduced || (alone && /s$/i.test(word)) ? now + duration.length : null;
}

/** "Please wait 12 seconds before trying again." */
function ofWait(text: string, now: number): number | null {
  const duration = durationAt(led(text).rest);
  return duration !== null && WAITED_FOR.test(duration.rest) ? now + duration.length : null;
}

function led(text: string): { lead: string; rest: string } {
  let rest = text;
  for (let found = LEAD.exec(rest); found !== null; found = LEAD.exec(rest))
    rest = rest.slice(found[0].length);
  return { lead: text.slice(0, text.length - rest.length), rest };
}

/** A number so large that it can only be an epoch, in seconds or milliseconds. */
function epochAt(text: string): number | null {
  const seconds = /^(\d{10}(?:\.\d{1,9})?)(?![\w:-]|\.\d)/.exec(text)?.[1];
  if (seconds !== undefined) return Number(seconds) * SECOND;
  const ms = /^(\d{13})(?![\w:-]|\.\d)/.exec(text)?.[1];
  return ms === undefined ? null : Number(ms);
}

const UNITS: Readonly<Record<string, number>> = {
  w: 7 * DAY,
  d: DAY,
  h: HOUR,
  m: MINUTE,
  s: SECOND,
};
const unitOf = (name: string): number =>
  /^(?:ms|milli)/i.test(name) ? 1 : Number(UNITS[name.charAt(0).toLowerCase()]);
const COUNTED =
  /^(\d{1,9}(?:\.\d{1,9})?|an?(?= )) ?(ms(?:ecs?)?|milli(?:s|seconds?)|w(?:eeks?)?|d(?:ays?)?|h(?:(?:ou)?rs?)?|m(?:in(?:ute)?s?)?|s(?:ec(?:ond)?s?)?)(?![a-z])/i;

/** How long the duration at the beginning of `text` is, such as `1h26m11s` or `3 days and 4 hours`; null = there is none. */
function durationAt(text: string): { length: number; rest: string } | null {
  let [length, rest, next] = [0, text, COUNTED.exec(text)];
  if (next === null) return null;
  while (next !== null) {
    const [all, count = '', unit = ''] = next;
    length += (/^a/i.test(count) ? 1 : Number(count)) * unitOf(unit);
    const after = rest.slice(all.length);
    const further = after.replace(/^(?:, ?|,? and | )(?=\d)/, '');
    next = COUNTED.exec(further);
    rest = next === null ? after : further;
  }
  return { length, rest };
}
