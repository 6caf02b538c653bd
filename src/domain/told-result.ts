import { type AgentReport, answerOf, wordsOf } from './agent-report.ts';
import type { Attempt } from './attempt.ts';
import { endOf } from './cut.ts';
import { oneLine } from './prompt.ts';
import { gapsIn, type WorkerFacts } from './worker.ts';

/** What the agent of an attempt has said of it. */
interface Told {
  worker?: WorkerFacts | undefined;
  report: AgentReport | null;
}

/** The same of an attempt. */
export const toldIn = ({ worker, agent }: Pick<Attempt, 'worker' | 'agent'>): Told => ({
  worker,
  report: agent?.report ?? null,
});

/** The answer: the result that was told through `finish`, else the last words; '' = none. */
export const resultTold = ({ worker, report }: Told): string =>
  worker?.finish?.result ?? (report === null ? '' : answerOf(report));

/** What is told of an attempt in few words: its answer, else what went wrong as the agent says it. */
export const wordsTold = ({ worker, report }: Told): string =>
  worker?.finish?.result ?? (report === null ? '' : wordsOf(report));

/** Longest naming of what is not met, in characters. */
const LONGEST_GAPS = 150;

/** What is not met in a line; null = nothing. */
export function gapsTold(worker: WorkerFacts | undefined, longest: number): string | null {
  const gaps = gapsIn(worker);
  if (gaps.length === 0) return null;
  const line = `not met: ${gaps.map(({ requirement }) => requirement).join('; ')}`;
  const told = oneLine(line, longest + 1);
  return told.length > longest ? `${told.slice(0, longest - 1)}…` : told;
}

/** The end of the words, at most so many bytes; what is not met stands at the end, where nothing cuts it off. */
export function previewOf(told: Told, bytes: number): string {
  const words = wordsTold(told);
  const gaps = gapsTold(told.worker, LONGEST_GAPS);
  return endOf(gaps === null ? words : `${words}\n(${gaps})`, bytes);
}
