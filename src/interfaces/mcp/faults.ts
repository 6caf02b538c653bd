import type { z } from 'zod';
import { nearest } from '../../domain/nearest.ts';

const LONGEST_NAME = 100;

/** What is wrong with an input, in one sentence that names every field at fault. */
export function faultsOf(error: z.ZodError, known: readonly string[] = []): string {
  const faults = error.issues.flatMap((issue) => {
    const at = issue.path.map(String).join('.');
    if (issue.code !== 'unrecognized_keys')
      return [`${at === '' ? 'the input' : at}: ${issue.message}`];
    return issue.keys.map((key) => {
      const meant = at === '' ? nearest(key, known) : null;
      const name = key.slice(0, LONGEST_NAME);
      return `${name} is not known${meant === null ? '' : `; did you mean ${meant}?`}`;
    });
  });
  return faults.join('; ');
}
