/** From the words and options of `tend run <agent> <prompt…>` to what an agent is asked. */
import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { text as allOf } from 'node:stream/consumers';
import type { QuotaPolicy } from '../../domain/agent-work.ts';
import type { Permissions, Tier } from '../../domain/envelope.ts';
import type { Submit } from '../client/index.ts';
import { usage } from './failure.ts';

/** Options that only an agent understands. */
export interface AskOptions {
  model?: string;
  tier?: Tier;
  maxTurns?: number;
  maxCost?: number;
  permissions?: Permissions;
  isolated?: boolean;
  requireFinish?: boolean;
  askPermissions?: boolean;
  onQuota?: QuotaPolicy;
  fallback?: string[];
  context?: string[];
  contextFrom?: string[];
  skill?: string[];
  template?: string;
  firstOutputTimeout?: number;
}

export type Ask = NonNullable<Submit['agent']>;

/** The longest file that is read for a prompt, bytes. */
const LONGEST_FILE = 4_000_000;

/** What the agent `name` is asked; `words` are the prompt, `-` stands for stdin, `@file` for a file. */
export async function asked(
  name: string,
  words: readonly string[],
  options: AskOptions,
  cwd: string,
): Promise<Ask> {
  const { model, tier, maxTurns, maxCost, permissions, isolated, onQuota, template } = options;
  const context = (options.context ?? []).map((path) => ({
    name: path,
    text: textOf(resolve(cwd, path), '--context'),
  }));
  return {
    name,
    prompt: await promptIn(name, words, cwd),
    ...(model !== undefined && { model }),
    ...(tier !== undefined && { tier }),
    ...(maxTurns !== undefined && { maxTurns }),
    ...(maxCost !== undefined && { maxCostUsd: maxCost }),
    ...(permissions !== undefined && { permissions }),
    ...(isolated !== undefined && { isolated }),
    ...(onQuota !== undefined && { onQuota }),
    ...(options.fallback !== undefined && { fallback: options.fallback }),
    ...(options.requireFinish === true && { requireFinish: true }),
    ...(options.askPermissions === true && { askPermissions: true }),
    ...(context.length > 0 && { context }),
    ...(options.skill !== undefined && { skills: options.skill }),
    ...(template !== undefined && { template }),
  };
}

async function promptIn(name: string, words: readonly string[], cwd: string): Promise<string> {
  const [first = '', ...others] = words;
  const text =
    others.length === 0 && first === '-'
      ? await allOf(process.stdin)
      : others.length === 0 && /^@./.test(first)
        ? textOf(resolve(cwd, first.slice(1)), 'the prompt')
        : words.join(' ');
  if (text.trim() !== '') return text;
  throw usage(
    `there is no prompt for ${name}`,
    `Write it after the name, as in: tend run ${name} "Fix the flaky test"`,
  );
}

export function textOf(path: string, what: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw usage(`${what}: there is no file ${path}`, 'Check its name.');
  if (!found.isFile()) throw usage(`${what}: ${path} is no file`, 'Name a text file.');
  if (found.size > LONGEST_FILE)
    throw usage(`${what}: ${path} is longer than ${LONGEST_FILE} bytes`, 'Give a part of it.');
  return readFileSync(path, 'utf8');
}

/** The options that say nothing to a command. */
export const namesOfAsk = (options: AskOptions): string[] =>
  (
    [
      ['model', '--model'],
      ['tier', '--tier'],
      ['maxTurns', '--max-turns'],
      ['maxCost', '--max-cost'],
      ['permissions', '--permissions'],
      ['isolated', '--isolated'],
      ['requireFinish', '--require-finish'],
      ['askPermissions', '--ask-permissions'],
      ['onQuota', '--on-quota'],
      ['fallback', '--fallback'],
      ['context', '--context'],
      ['contextFrom', '--context-from'],
      ['skill', '--skill'],
      ['template', '--template'],
      ['firstOutputTimeout', '--first-output-timeout'],
    ] as const
  ).flatMap(([name, flag]) => (options[name] === undefined ? [] : [flag]));
