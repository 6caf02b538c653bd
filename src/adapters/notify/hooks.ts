import {
  beforeRunId,
  HOOK_SOURCES,
  hookIn,
  type HookName,
  type HookSource,
  LONGEST_VETO,
} from '../../domain/hook.ts';
import type { Subscriber } from '../../domain/delivery.ts';
import { oneLine } from '../../domain/prompt.ts';
import type { Task, Work } from '../../domain/task.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Hooks } from '../../ports/hooks.ts';
import { type Hook, type HookResult, runHook } from './hook-process.ts';
import { factsOf, type Message } from './message.ts';

/** What is to be called, by its name. */
export type HookSet = Readonly<Partial<Record<HookName, Hook>>>;

export interface HooksOptions {
  /** For tasks of a folder; asked at each call, so that a changed configuration holds at once. */
  hooks(cwd: string): Readonly<Record<HookSource, HookSet>>;
  clock: Clock;
  /** What hooks get besides ids: nothing of a task. */
  environment: Readonly<Record<string, string>>;
  log: (message: string, facts: Readonly<Record<string, string>>) => void;
  /** Ends what is called now; it is called again afterwards. */
  signal?: AbortSignal;
  /** Ms. */
  timeout?: number;
}

const TIMEOUT = 60_000;

export interface CalledHooks extends Hooks {
  /** Tells the hook that is this subscriber. Rejects with a reason when it did not take it. */
  tell(subscriber: Subscriber, message: Message, task: Task): Promise<string>;
}

/** Calls the hooks of the person's configuration, and of the projects that the person trusts. */
export function createHooks(options: HooksOptions): CalledHooks {
  return {
    async beforeRun(task) {
      const sets = options.hooks(task.spec.cwd);
      const id = beforeRunId(task, task.attempt.number);
      const at = new Date(options.clock.now()).toISOString();
      const told = { id, kind: 'before_run', createdAt: at, owner: task.spec.owner };
      const message = { ...told, task: { ...factsOf(task), work: workOf(task.spec.work) } };
      for (const source of HOOK_SOURCES) {
        const hook = sets[source].before_run;
        if (hook === undefined) continue;
        const result = await call(options, hook, 'before_run', message);
        const veto = vetoIn(result);
        if (veto !== null) return veto;
      }
      return null;
    },
    async tell(subscriber, message, task) {
      const called = hookIn(subscriber);
      const { name, source } = called ?? { name: 'after_end', source: 'person' };
      const hook = called === null ? undefined : options.hooks(task.spec.cwd)[source][name];
      if (hook === undefined)
        throw new Error(
          source === 'person'
            ? `no hook ${name} is configured any more`
            : `no hook ${name} of a trusted project is there any more`,
        );
      const { failure } = await call(options, hook, name, message);
      if (failure !== null) throw new Error(`the hook ${name} ${failure}`);
      return `the hook ${name} exited with code 0`;
    },
  };
}

async function call(
  { environment, timeout = TIMEOUT, signal, log }: HooksOptions,
  hook: Hook,
  name: HookName,
  message: { id: string; task: { id: string } },
): Promise<HookResult> {
  const ids = { TEND_HOOK: name, TEND_HOOK_ID: message.id, TEND_HOOK_TASK: message.task.id };
  const result = await runHook(hook, `${JSON.stringify(message)}\n`, {
    environment: { ...environment, ...ids },
    timeout,
    signal,
  });
  if (result.said !== '') log(`hook ${name} wrote`, { id: message.id, output: result.said });
  return result;
}

/** Whatever is not a clear yes is a no: a gate that fell is shut. */
function vetoIn({ failure, said, interrupted }: HookResult): string | null {
  if (failure === null) return null;
  if (interrupted) throw new Error(`the hook before_run ${failure}`);
  const reason = said === '' || failure.endsWith('and was killed') ? failure : said;
  return oneLine(`before_run: ${reason}`, LONGEST_VETO);
}

function workOf(work: Work) {
  if (work.kind === 'command')
    return 'command' in work
      ? { kind: 'command', command: work.command }
      : { kind: 'command', argv: work.argv };
  const { agent, model, permissions, brief } = work;
  return { kind: 'agent', agent, model, permissions, prompt: brief };
}
