import type { Attempt } from '../domain/attempt.ts';
import { recordedHeader, recordedLine } from '../domain/recording.ts';
import { type AgentWork, seated } from '../domain/agent-work.ts';
import type { Task } from '../domain/task.ts';
import type { Ports } from './context.ts';
import { attemptRef } from './observe.ts';

const PORTION = 256 * 1024;
const STREAMS = ['stdout', 'stderr'] as const;

/** One attempt of an agent as the lines of a recording: a header, then what it wrote, when it had been seen. */
export async function* recordingOf(
  { output }: Ports,
  task: Task,
  attempt: Attempt,
): AsyncIterable<string> {
  const ref = attemptRef(task.id, attempt);
  const began = attempt.startedAt ?? attempt.claimedAt;
  const exit = attempt.outcome === null ? null : attempt.exit;
  const { agent } = seated(task.spec.work as AgentWork, attempt.agent);
  yield recordedHeader({
    agent,
    argv: [],
    cwd: attempt.workspace?.cwd ?? task.spec.cwd,
    startedAt: began,
    exit,
  });
  const taken = { stdout: 0, stderr: 0 };
  const rest = { at: attempt.endedAt ?? began, stdout: Infinity, stderr: Infinity };
  for (const mark of [...(await output.marks(ref)), rest])
    for (const stream of STREAMS)
      while (taken[stream] < mark[stream]) {
        const limit = Math.min(PORTION, mark[stream] - taken[stream]);
        const { data } = await output.read(ref, stream, taken[stream], limit);
        if (data.byteLength === 0) break;
        taken[stream] += data.byteLength;
        yield recordedLine({ at: Math.max(0, mark.at - began), stream, bytes: data });
      }
}
