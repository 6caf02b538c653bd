/** Every problem Tend can report: its HTTP status, the CLI's exit code, and whether trying again can help. */
export const ERRORS = {
  invalid_input: { http: 400, exit: 2, retryable: false },
  too_large: { http: 413, exit: 2, retryable: false },
  ambiguous_id: { http: 409, exit: 2, retryable: false },
  not_found: { http: 404, exit: 3, retryable: false },
  key_conflict: { http: 409, exit: 2, retryable: false },
  id_taken: { http: 409, exit: 2, retryable: false },
  already_ended: { http: 409, exit: 1, retryable: false },
  already_answered: { http: 409, exit: 1, retryable: false },
  already_finished: { http: 409, exit: 1, retryable: false },
  question_expired: { http: 410, exit: 1, retryable: false },
  not_ended: { http: 409, exit: 1, retryable: false },
  protected: { http: 409, exit: 1, retryable: false },
  unknown_agent: { http: 404, exit: 2, retryable: false },
  agent_unavailable: { http: 422, exit: 2, retryable: false },
  limit_reached: { http: 429, exit: 75, retryable: true },
  unauthorized: { http: 401, exit: 4, retryable: false },
  forbidden: { http: 403, exit: 4, retryable: false },
  method_not_allowed: { http: 405, exit: 2, retryable: false },
  config_invalid: { http: 500, exit: 2, retryable: false },
  state_unsafe: { http: 500, exit: 4, retryable: false },
  state_unwritable: { http: 500, exit: 4, retryable: false },
  disk_full: { http: 507, exit: 125, retryable: true },
  schema_newer: { http: 500, exit: 4, retryable: false },
  database_corrupt: { http: 500, exit: 4, retryable: false },
  database_busy: { http: 503, exit: 125, retryable: true },
  daemon_unreachable: { http: 503, exit: 4, retryable: true },
  daemon_stopping: { http: 503, exit: 4, retryable: true },
  wait_timed_out: { http: 408, exit: 124, retryable: true },
  interrupted: { http: 499, exit: 130, retryable: true },
  unsupported: { http: 501, exit: 2, retryable: false },
  internal: { http: 500, exit: 125, retryable: false },
} as const satisfies Record<string, { http: number; exit: number; retryable: boolean }>;

export type ErrorCode = keyof typeof ERRORS;

/** The one error class: `message` names what happened to which thing, `hint` what to do next. */
export class TendError extends Error {
  override readonly name = 'TendError';
  readonly code: ErrorCode;
  readonly hint: string;
  constructor(code: ErrorCode, message: string, hint: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.hint = hint;
  }
}

export const isTendError = (error: unknown): error is TendError => error instanceof TendError;
