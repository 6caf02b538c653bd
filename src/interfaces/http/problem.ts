import { z } from 'zod';
import { ERRORS, type ErrorCode, isTendError } from '../../domain/errors.ts';
import { http } from '../client/node-http.ts';

/** One thing wrong with the input. */
export interface Fault {
  /** The field, as in `after.0.task`; empty for the input as a whole. */
  path: string;
  message: string;
}

/** RFC 9457, with a stable `code`, the next step, and the faults of an input. */
export const problemSchema = z
  .object({
    type: z.literal('about:blank'),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]),
    hint: z.string(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: 'Problem' });
export type Problem = z.infer<typeof problemSchema>;

export function problem(code: ErrorCode, detail: string, hint: string, errors?: Fault[]): Problem {
  const status = ERRORS[code].http;
  const title = http.STATUS_CODES[status] ?? code.replaceAll('_', ' ');
  const document = { type: 'about:blank', title, status, detail, code, hint } as const;
  return errors === undefined ? document : { ...document, errors };
}

/** Whatever was thrown; only a TendError may say what happened, all else stays in the log. */
export const problemOf = (error: unknown): Problem =>
  isTendError(error)
    ? problem(error.code, error.message, error.hint)
    : problem(
        'internal',
        'tend itself failed at this request',
        'See what the daemon says with: tend daemon logs',
      );
