/** Notices a client that asks the same again and again while nothing changes. */
export interface Repeats {
  /** What to say to a client that has just had this very answer; null = nothing. */
  of(tool: string, given: unknown, answer: string): string | null;
}

const SOON = 10_000;
const MOST = 50;

const HINT =
  'Nothing has changed since you asked a moment ago. Do not poll: go on with other work or end your turn, you will be told.';

export function openRepeats(now: () => number = Date.now): Repeats {
  const last = new Map<string, { answer: string; at: number }>();
  return {
    of(tool, given, answer) {
      const key = `${tool} ${JSON.stringify(given)}`;
      const before = last.get(key);
      const at = now();
      last.delete(key);
      last.set(key, { answer, at });
      for (const oldest of last.keys()) if (last.size > MOST) last.delete(oldest);
      return before?.answer === answer && at - before.at < SOON ? HINT : null;
    },
  };
}
