import { TendError } from '../../domain/errors.ts';
import { nearest } from '../../domain/nearest.ts';

/** The zone by its proper name; null = the one of this machine. Throws TendError `invalid_input`. */
export function properZone(given: string | null): string {
  if (given === null) return resolved();
  try {
    return resolved(given);
  } catch {
    throw unknownZone(given);
  }
}

const resolved = (timeZone?: string): string =>
  new Intl.DateTimeFormat('en', timeZone === undefined ? {} : { timeZone }).resolvedOptions()
    .timeZone;

export function unknownZone(given: string): TendError {
  const guess = similar(given);
  return new TendError(
    'invalid_input',
    `there is no time zone ${JSON.stringify(given)}`,
    guess === null
      ? 'Write it as in Europe/Berlin, America/New_York or UTC.'
      : `Did you mean ${guess}?`,
  );
}

/** People write the city alone, and mistype both. */
function similar(given: string): string | null {
  const zones = Intl.supportedValuesOf('timeZone');
  const cities = new Map(zones.map((zone) => [zone.split('/').at(-1)?.toLowerCase() ?? '', zone]));
  const word = given.trim().replaceAll(' ', '_');
  const whole = nearest(
    word.toLowerCase(),
    zones.map((zone) => zone.toLowerCase()),
  );
  const city = cities.get(nearest(word.toLowerCase(), [...cities.keys()]) ?? '');
  const found = word.includes('/') ? (whole ?? city) : (city ?? whole);
  return zones.find((zone) => zone.toLowerCase() === found?.toLowerCase()) ?? null;
}
