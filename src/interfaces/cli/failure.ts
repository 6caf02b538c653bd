/** How a problem is told, and with which exit code. */
import { ERRORS, isTendError, TendError } from '../../domain/errors.ts';
import type { Printer } from './print.ts';
import { oneLine } from './text.ts';

/** A wrong word on the command line; without a hint it points to the help of its verb. */
export const usage = (message: string, hint = ''): TendError =>
  new TendError('invalid_input', message, hint);

/** Any thrown thing as the error that is shown: what nobody foresaw becomes `internal`. */
export function asTendError(error: unknown): TendError {
  if (isTendError(error)) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new TendError(
    'internal',
    message === '' ? 'an unknown error' : message,
    'This is a fault in tend; TEND_DEBUG=1 shows where it happened.',
    error,
  );
}

const exitCodeOfError = (error: TendError): number => ERRORS[error.code].exit;

export interface Doors {
  out: Printer;
  err: Printer;
}

/** Tells the error where the caller looks for it; answers the exit code. */
export async function report(
  given: unknown,
  { out, err }: Doors,
  json: boolean,
  debug: boolean,
): Promise<number> {
  const error = asTendError(given);
  const { code, message, hint } = error;
  if (json) await out.json({ error: { code, message, hint } });
  else {
    await err.line(`${err.paint('red', 'tend:')} ${oneLine(message)}`);
    for (const line of hint.split('\n')) {
      if (line !== '') await err.line(`  ${err.paint('dim', oneLine(line))}`);
    }
  }
  if (debug) await err.line(String((error.cause as Error | undefined)?.stack ?? error.stack));
  return exitCodeOfError(error);
}
