/** Cron expressions and time zones. */
export interface Calendar {
  /**
   * The first moment after `after` (epoch ms) at which the expression fires in the time zone; null = never. Throws
   * TendError `invalid_input` for what `check` refuses.
   */
  next(cron: string, timeZone: string, after: number): number | null;
  /**
   * The time zone by its proper name; null = the one of this machine. Throws TendError `invalid_input` when the
   * expression, or the name, means nothing.
   */
  check(cron: string, timeZone: string | null): string;
}
