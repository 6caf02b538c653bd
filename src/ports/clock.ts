export interface Clock {
  /** Wall clock, epoch ms: survives restarts, may jump. */
  now(): number;
  /** Ms since some fixed moment: never jumps, stands still while the machine is suspended. */
  monotonic(): number;
}
