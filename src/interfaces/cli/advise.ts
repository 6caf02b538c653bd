/** `tend agents --advise`: whom `tend run auto` would take, and why. */
import { resolve } from 'node:path';
import type { Output } from '../client/index.ts';
import type { Common, Context } from './context.ts';
import { capturedEnvironment } from './environment.ts';
import type { Printer } from './print.ts';
import { pairs } from './table.ts';
import { oneLine } from './text.ts';

export interface AdviseOptions {
  advise?: string;
  label?: Record<string, string>;
  cwd?: string;
}

export async function advise(context: Context, options: Common & AdviseOptions): Promise<void> {
  const { out, signal, env } = context;
  const { advise: prompt = '', label = {}, cwd = '.' } = options;
  const client = await context.connect();
  const advice = await client.advise(
    { prompt, cwd: resolve(context.cwd(), cwd), labels: label, env: capturedEnvironment(env) },
    { signal },
  );
  if (advice.candidates.length === 0) context.exitCode = 1;
  if (options.json === true) return out.json(advice);
  if (options.quiet === true) return out.write(advice.now === null ? '' : `${advice.now.agent}\n`);
  await out.write(`${lines(advice, out).join('\n')}\n`);
}

type Advice = Output<'advise'>;

function lines(advice: Advice, printer: Printer): string[] {
  const { candidates, leftOut, rule, chosen } = advice;
  const facts: [string, string | null][] = [
    ['now', nowOf(advice)],
    ['why', chosen],
    ['candidates', candidates.map(named).join(', ') || 'nobody'],
    ['rule', rule === null ? null : `${rule.number}: ${rule.words}`],
    ['classifier', classifierOf(advice)],
    ...leftOut.map(({ why }): [string, string] => ['not', why]),
  ];
  const told = facts.flatMap(([name, value]): [string, string][] =>
    value === null ? [] : [[name, oneLine(value)]],
  );
  return pairs(told, printer);
}

const named = ({ agent, model, tier }: Advice['candidates'][number]): string =>
  `${agent} (${model === null ? '' : `${model}, `}${tier})`;

function nowOf({ now, wait, candidates }: Advice): string | null {
  if (now !== null) return named(now);
  if (candidates.length === 0) return 'no agent can do it';
  return `it would wait: ${(wait?.reason ?? '').replaceAll('_', ' ')}${wait?.what ? ` (${wait.what})` : ''}`;
}

function classifierOf({ classifier }: Advice): string | null {
  if (classifier === null) return null;
  const { failure, agent, model, tier, reason } = classifier;
  if (failure !== null) return failure;
  const what = [agent, model, tier].filter((one) => one !== null).join(', ');
  return `${what === '' ? 'nothing' : what}${reason === null ? '' : `: ${reason}`}`;
}
