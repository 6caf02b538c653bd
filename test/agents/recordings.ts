import * as fs from 'node:fs';
import { join } from 'node:path';
import type { Exit } from '../../src/domain/attempt.ts';
import { answerOf } from '../../src/domain/agent-report.ts';
import { replay } from '../../src/engine/replay.ts';
import type { Agent, ReadingPlace } from '../../src/ports/agent.ts';

const ROOT = join(import.meta.dirname, '../fixtures/recordings');

/** All recordings were made within two hours of this moment, on a machine in UTC. */
export const PLACE: ReadingPlace = { now: Date.parse('2026-11-21T01:00:00Z'), timeZone: 'UTC' };

export const runsOf = (cli: string): string[] => fs.readdirSync(join(ROOT, cli)).toSorted();

export interface RecordedRun {
  argv: readonly string[];
  stdout: Buffer;
  stderr: Buffer;
  log: Buffer | null;
  exit: Exit;
}

export function recording(cli: string, run: string): RecordedRun {
  const file = (name: string): string => join(ROOT, cli, run, name);
  const [code = '', facts = ''] = fs.readFileSync(file('exit.txt'), 'utf8').split('\n');
  const [, signal = ''] = /signal=(\S*)/.exec(facts) ?? [];
  const log = file('rollout-excerpt.jsonl');
  return {
    argv: (JSON.parse(fs.readFileSync(file('argv.json'), 'utf8')) as { argv: string[] }).argv,
    stdout: fs.readFileSync(file('stdout.jsonl')),
    stderr: fs.readFileSync(file('stderr.txt')),
    log: fs.existsSync(log) ? fs.readFileSync(log) : null,
    exit: signal === '' ? { code: Number(code) } : { signal },
  };
}

/** What a recorded run comes to, as the golden tables have it. */
export function comesTo(agent: Agent, run: RecordedRun, resumed: string | null = null) {
  const { stdout, stderr, exit, log } = run;
  const { report, outcome } = replay(
    agent,
    { stdout, stderr, exit, resumed, ...(log !== null && { log }) },
    PLACE,
  );
  return {
    outcome: outcome?.kind ?? ('signal' in exit ? exit.signal : `exit ${exit.code}`),
    limit:
      outcome !== null && 'limit' in outcome
        ? {
            class: outcome.limit.class,
            until:
              outcome.limit.until === null ? null : new Date(outcome.limit.until).toISOString(),
          }
        : null,
    sessionId: report.sessionId,
    answer: answerOf(report).slice(0, 300),
    usage: report.usage,
    turns: report.turns,
    unknownLines: report.unknownLines,
  };
}
