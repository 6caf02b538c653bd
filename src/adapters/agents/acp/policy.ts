import { asObject, child, type Json, list, text } from '../json.ts';
import { isBelow, type Rules } from './files.ts';
import type { Answer } from './line.ts';
import type { Permit } from './permit.ts';

/** A permission that the agent asks for, as far as its protocol tells. */
export interface PermissionRequest {
  callId: string | null;
  title: string;
  /** What sort of tool: `edit`, `read`, `execute` …; `other` = not told. */
  kind: string;
  /** Every path that the call is told to touch. */
  paths: readonly string[];
  options: readonly PermissionOption[];
  /** The command line, the address, where they are told. */
  command: string | null;
  address: string | null;
  /** All that the tool is called with, as far as it is told. */
  input: Json;
}

interface PermissionOption {
  id: string;
  kind: string;
}

/** The request in `params`; what it leaves out stands in `earlier` updates of the same call. */
export function permissionRequest(params: Json, earlier: Json | undefined): PermissionRequest {
  const call = { ...earlier, ...told(child(params, 'toolCall')) };
  const input = child(call, 'rawInput');
  return {
    callId: text(call, 'toolCallId'),
    title: text(call, 'title') ?? '',
    kind: text(call, 'kind') ?? 'other',
    paths: pathsOf(call),
    options: list(params, 'options')
      .map(asObject)
      .filter((option) => option !== null)
      .map((option) => ({ id: text(option, 'optionId') ?? '', kind: text(option, 'kind') ?? '' }))
      .filter(({ id }) => id !== ''),
    command: commandIn(input),
    address: text(input, 'url'),
    input,
  };
}

/** A line for the shell; the words of a program that is run without one are no line. */
function commandIn(input: Json): string | null {
  const words = list(input, 'command');
  if (words.length === 0) return text(input, 'command');
  const [shell, option, line] = words;
  const isLine =
    words.length === 3 &&
    /(?:^|\/)(?:ba|z|da)?sh$/.test(String(shell)) &&
    /^-l?c$/.test(String(option));
  return isLine && typeof line === 'string' ? line : JSON.stringify(words);
}

/** The fields that say something: null stands for "as before". */
export const told = (update: Json): Json =>
  Object.fromEntries(Object.entries(update).filter(([, value]) => value !== null));

const pathsOf = (call: Json): string[] =>
  [...list(call, 'locations'), ...list(call, 'content')]
    .map(asObject)
    .map((place) => (place === null ? null : text(place, 'path')))
    .filter((path) => path !== null);

const LOOKS = new Set(['read', 'search', 'think']);
const CHANGES = new Set(['edit', 'delete', 'move']);

/** The answer that follows from the permissions alone, or from what was ruled on it besides. */
export function policy(
  request: PermissionRequest,
  rules: Rules,
  permit: Permit | null = null,
): Answer {
  const objection =
    permit === null
      ? objectionTo(request, rules)
      : permit.ruling === 'allow'
        ? null
        : permit.reason;
  const pick = (...kinds: readonly string[]): string | null => {
    const found = kinds.map((kind) => request.options.find((option) => option.kind === kind));
    return found.find((option) => option !== undefined)?.id ?? null;
  };
  const reject = (reason: string): Answer => ({
    allowed: false,
    optionId: pick('reject_once', 'reject_always'),
    reason,
  });
  if (objection !== null) return reject(objection);
  // "Always" says yes to calls that nobody has looked at: only where everything is allowed anyway.
  const yes =
    rules.permissions === 'full' ? pick('allow_once', 'allow_always') : pick('allow_once');
  if (yes === null) return reject('the agent offers no way to allow it once');
  const reason = permit === null ? `${rules.permissions} allows it` : permit.reason;
  return { allowed: true, optionId: yes, reason };
}

/** Why the call is not allowed; null = it is. */
function objectionTo(
  { kind, paths }: PermissionRequest,
  { permissions, cwd }: Rules,
): string | null {
  if (permissions === 'full' || LOOKS.has(kind)) return null;
  if (permissions === 'read-only') return `read-only does not allow ${named(kind)}`;
  if (!CHANGES.has(kind)) return `workspace does not allow ${named(kind)}`;
  if (paths.length === 0 || (kind === 'move' && paths.length < 2))
    return 'it is not told which files the call changes';
  const outside = paths.find((path) => !isBelow(path, cwd));
  return outside === undefined ? null : `${outside} is not below the working folder`;
}

const named = (kind: string): string =>
  kind === 'other' ? 'calls of an unknown sort' : `${kind} calls`;
