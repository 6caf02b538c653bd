import { startStub, type Stub } from '../fixtures/stub-model-server.mjs';

/** Limits that the stub tells of end this many seconds after the last full minute. */
export const RESET_IN = 3600;
/** What a provider asks for that is only too busy. */
export const RETRY_AFTER = 2;
/** Those of a week so much later. */
export const WEEKLY = 300_000;

/** `cwd` = where its calls write, when a client does not tell where it works. */
export const stub = (cwd: string): Promise<Stub> =>
  startStub({ cwd, resetIn: RESET_IN, retryAfter: RETRY_AFTER });
