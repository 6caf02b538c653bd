import type { Exit } from '../domain/attempt.ts';
import type { AgentOutcome } from '../domain/agent-outcome.ts';
import type { AgentReport } from '../domain/agent-report.ts';
import { TendError } from '../domain/errors.ts';
import { recordedAt } from '../domain/recorded-at.ts';
import type { Agent, Agents, ReadingPlace } from '../ports/agent.ts';
import { AgentReading, type PlacedEvent } from './agent-reading.ts';

/** Bytes of stderr that an outcome is decided from. */
export const STDERR_TAIL = 16 * 1024;
/** Read at a time, bytes. */
const PORTION = 1024 * 1024;

interface Ended {
  exit: Exit;
  /** The session that was to be resumed; null = none was. */
  resumed: string | null;
}

/** A recorded run in memory. */
export interface Recording extends Ended {
  stdout: Uint8Array;
  stderr: Uint8Array;
  /** The agent's own log file, where there is one. */
  log?: Uint8Array;
}

/** A recorded run in files: absolute paths. */
export interface RecordedFiles extends Ended {
  stdout: string;
  stderr: string | null;
}

/** What a recorded run comes to for today's adapter; nothing is run. */
export function replay(
  agent: Agent,
  recording: Recording,
  place: ReadingPlace,
): { report: AgentReport; outcome: AgentOutcome | null; events: PlacedEvent[] } {
  const reading = new AgentReading(agent, null);
  const events = [
    ...(recording.log === undefined ? [] : reading.push('log', recording.log, place)),
    ...reading.push('stderr', recording.stderr, place),
    ...reading.push('stdout', recording.stdout, place),
    ...reading.end(place),
  ];
  const tail = recording.stderr.subarray(-STDERR_TAIL);
  return { ...decided(agent, reading, recording, tail, place), events };
}

/** The same from files, whatever their length, in little memory. Throws `not_found`. */
export async function replayFiles(
  agents: Agents,
  agent: Agent,
  files: RecordedFiles,
  { now, timeZone }: ReadingPlace,
): Promise<{ report: AgentReport; outcome: AgentOutcome | null; events: number }> {
  const reading = new AgentReading(agent, null);
  const place = { now: await timeOf(agents, files, now), timeZone };
  let tail: Uint8Array = new Uint8Array();
  for (const stream of ['stderr', 'stdout'] as const) {
    const path = files[stream];
    if (path === null) continue;
    if ((await agents.locate({ path, find: null })) === null)
      throw new TendError('not_found', `there is no file ${path}`, 'Check its name.');
    for (;;) {
      const data = await agents.read(path, reading.taken[stream], PORTION);
      if (data.byteLength === 0) break;
      reading.push(stream, data, place);
      if (stream === 'stderr') tail = joined(tail, data);
    }
  }
  reading.end(place);
  const { report, outcome } = decided(agent, reading, files, tail, place);
  return { report, outcome, events: report.events };
}

/** How much of a recording is looked at for its time, bytes. */
const HEAD = 64 * 1024;

/** When the run was recorded, as it tells; else now. */
async function timeOf(agents: Agents, files: RecordedFiles, now: number): Promise<number> {
  for (const path of [files.stdout, files.stderr]) {
    const head = path === null ? new Uint8Array() : await agents.read(path, 0, HEAD);
    const at = recordedAt(new TextDecoder().decode(head), now);
    if (at !== null) return at;
  }
  return now;
}

function joined(before: Uint8Array, next: Uint8Array): Uint8Array {
  const all = new Uint8Array(before.length + next.length);
  all.set(before);
  all.set(next, before.length);
  return all.slice(-STDERR_TAIL);
}

const decided = (
  agent: Agent,
  { report }: AgentReading,
  { exit, resumed }: Ended,
  tail: Uint8Array,
  place: ReadingPlace,
) => ({
  report,
  outcome: agent.outcome(report, {
    exit,
    stderr: new TextDecoder().decode(tail),
    resumed,
    traces: {},
    place,
  }),
});
