import { type AgentEvent, summary } from '../../../domain/agent-event.ts';

/** A line of Codex's log: time, level, module, message. */
const LOG_LINE = /^\d{4}-\d\d-\d\dT\S+Z\s+(ERROR|WARN)\s+([\w:]+): (.*)$/;

/** How the tool router tells of what neither the sandbox nor the approval policy let through. */
const DENIED = /\brejected\b|\bblocked by\b|\brequires approval\b|\bnot permitted\b/i;

const NOTHING: readonly AgentEvent[] = [];

/** The events of a line of stderr: writes that the sandbox refused are told nowhere else. */
export function stderrLine(line: string): readonly AgentEvent[] {
  const [, , module, said] = LOG_LINE.exec(line) ?? [];
  if (module === undefined || said === undefined) {
    const warning = /^warning: (.*)$/i.exec(line)?.[1];
    return warning === undefined ? NOTHING : [{ kind: 'warning', message: summary(warning) }];
  }
  const reason = summary(said.replace(/^error=/, ''));
  if (module.endsWith('tools::router') && DENIED.test(reason)) {
    const tool = reason.startsWith('patch ') ? 'apply_patch' : null;
    return [{ kind: 'permission_denied', tool, reason }];
  }
  return [{ kind: 'warning', message: reason }];
}

const NOISE = /^(?:Reading (?:additional input|prompt) from stdin|warning: )/i;
/** Only the text mode has these lines. */
const CONVERSATION = /^(?:OpenAI Codex v\S+|codex|exec|tokens used)$/m;
const ERROR = /^(?:error|fatal)\b/i;

/**
 * What Codex itself says on stderr about its end: its last error with the lines that belong to it. In text mode
 * the whole conversation stands there, too, and only an error that nothing follows is its own.
 */
export function ownWords(stderr: string): string {
  const lines = stderr
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '' && !NOISE.test(line) && !LOG_LINE.test(line));
  const last = lines.findLastIndex((line) => ERROR.test(line));
  if (CONVERSATION.test(stderr)) return last === lines.length - 1 ? (lines[last] ?? '') : '';
  return lines.slice(Math.max(0, last)).slice(0, LONGEST).join('\n');
}

/** Lines that an error has at most; usage hints follow it. */
const LONGEST = 5;
