/** Another way to run many commands, for comparison in the same run. */
export interface Peer {
  name: string;
  /** Fewer tasks where 1 000 would take minutes: the rate is what counts. */
  count: number | null;
  /** Why it cannot be measured here; null when it can. */
  missing: () => string | null;
  /** Runs `count` × `true`, `slots` at a time, with its files in `folder`; answers the ms from first submit to last end. */
  run: (folder: string, count: number, slots: number) => Promise<number>;
}

/** Ms that `work` takes. */
export async function timed(work: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}
