/** Crockford's base 32 in lower case: no i, l, o, u, so that an id survives being read aloud. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** `t-` and 8 characters from 8 random bytes. */
export const taskId = (random: Uint8Array): string =>
  `t-${Array.from(random.subarray(0, 8), (byte) => ALPHABET[byte & 31]).join('')}`;

/** `g-` and 8 characters from 8 random bytes: the group of a batch. */
export const groupId = (random: Uint8Array): string => taskId(random).replace('t-', 'g-');

/** `s-` and 8 characters from 8 random bytes: a schedule. */
export const scheduleId = (random: Uint8Array): string => taskId(random).replace('t-', 's-');

/** `w-` and 8 characters from 8 random bytes: a watch. */
export const watchId = (random: Uint8Array): string => taskId(random).replace('t-', 'w-');

const LONGEST_ID = 64;
/** What a person may choose as an id, and the only thing that ever becomes a folder name. */
export const ID_PATTERN = /^[A-Za-z0-9_-]{1,64}$/;

/** The id for the nth task that was asked to be called `id`: `id`, `id-2`, `id-3` …; a long one is cut to stay an id. */
export function numberedId(id: string, nth: number): string {
  if (nth === 1) return id;
  const suffix = `-${nth}`;
  return id.slice(0, LONGEST_ID - suffix.length) + suffix;
}

/** A version 4 UUID from 16 random bytes: the ids that agents take for their sessions. */
export function uuid(random: Uint8Array): string {
  const digits = Array.from(random.subarray(0, 16), (byte, at) => {
    const marked = at === 6 ? (byte & 0x0f) | 0x40 : at === 8 ? (byte & 0x3f) | 0x80 : byte;
    return marked.toString(16).padStart(2, '0');
  }).join('');
  return [8, 12, 16, 20].reduceRight((id, at) => `${id.slice(0, at)}-${id.slice(at)}`, digits);
}
