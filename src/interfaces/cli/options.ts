/** Parsers of option values: each answers the value, or throws a usage error that names the option. */
import type { Command } from 'commander';
import { duration } from '../../domain/duration.ts';
import { ID_PATTERN } from '../../domain/ids.ts';
import { usage } from './failure.ts';

const bad = (option: string, given: string, wants: string): never => {
  throw usage(`${option} ${JSON.stringify(given)} ${wants}`);
};

export const text =
  (option: string) =>
  (given: string): string =>
    given === '' || given === '--' ? bad(option, given, 'needs a value') : given;

/** `90s`, `10m`, `2h`, or a number of seconds; milliseconds inside. */
export const time =
  (option: string) =>
  (given: string): number =>
    duration(given) ?? bad(option, given, 'is no duration; write 90s, 10m, 2h or 1d');

/** Durations, repeated, comma-separated or both. */
export const times =
  (option: string) =>
  (given: string, before: readonly number[] = []): number[] => [
    ...before,
    ...given.split(',').map(time(option)),
  ];

export const whole =
  (option: string, min: number, max: number) =>
  (given: string): number => {
    const value = /^[+-]?\d{1,16}$/.test(given) ? Number(given) : NaN;
    if (value >= min && value <= max) return value;
    return bad(option, given, `is no whole number from ${min} to ${max}`);
  };

/** Dollars, such as `0.50`. */
export const money =
  (option: string, max: number) =>
  (given: string): number => {
    const value = /^\$?\d{1,6}(\.\d{1,6})?$/.test(given) ? Number(given.replace('$', '')) : NaN;
    if (value > 0 && value <= max) return value;
    return bad(option, given, `is no amount of dollars up to ${max}`);
  };

/** Repeated. */
export const texts =
  (option: string) =>
  (given: string, before: readonly string[] = []): string[] => [...before, text(option)(given)];

export const oneOf =
  <T extends string>(option: string, words: readonly T[]) =>
  (given: string): T =>
    words.find((word) => word === given) ?? bad(option, given, `is none of: ${words.join(', ')}`);

/** Repeated, comma-separated or both. */
export const words =
  <T extends string>(option: string, among: readonly T[]) =>
  (given: string, before: readonly T[] = []): T[] => [
    ...before,
    ...given
      .split(',')
      .filter((part) => part !== '')
      .map(oneOf(option, among)),
  ];

/** Names, repeated, comma-separated or both. */
export const names =
  (option: string) =>
  (given: string, before: readonly string[] = []): string[] => {
    const found = given.split(',').map((name) => name.trim());
    if (found.includes('')) bad(option, given, 'is no list of names');
    return [...before, ...found];
  };

/** Task ids or prefixes, repeated, comma-separated or both. */
export const ids =
  (option: string) =>
  (given: string, before: readonly string[] = []): string[] => {
    const found = given.split(',').filter((part) => part !== '');
    for (const id of found) if (!ID_PATTERN.test(id)) bad(option, id, 'is no task id');
    return [...before, ...found];
  };

/** `NAME=value`, repeated; a later one wins. */
export const pair =
  (option: string) =>
  (given: string, before: Readonly<Record<string, string>> = {}): Record<string, string> => {
    const at = given.indexOf('=');
    if (at < 1) bad(option, given, 'is not of the form NAME=value');
    return { ...before, [given.slice(0, at)]: given.slice(at + 1) };
  };

/** Task ids given as arguments. */
export const idArgument = (given: string, before: readonly string[] = []): string[] => {
  if (!ID_PATTERN.test(given))
    throw usage(`${JSON.stringify(given)} is no task id`, 'Ids are listed by: tend ls --all');
  return [...before, given];
};

export const oneIdArgument = (given: string): string => idArgument(given)[0] ?? given;

/** The options that every verb takes. */
export const common = (command: Command, ids = 'ids only'): Command =>
  command.option('--json', 'one JSON value on stdout').option('-q, --quiet', ids);
