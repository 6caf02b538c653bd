import { TendError } from '../domain/errors.ts';
import { fedRefusal, type Input, inputRefusal, inputsOf, LONGEST_INPUT } from '../domain/input.ts';
import type { Task } from '../domain/task.ts';
import type { Ports } from './context.ts';
import type { InputVerbs, SentInput } from './input-facade.ts';
import { attemptRef } from './observe.ts';

/** How long a sender waits to be told that its text is written (ms): a command that reads takes it at once. */
const TELLING = 1_000;

/** What is sent to running commands. Nothing is kept here: the files of the attempt hold it all. */
export class TaskInputs implements InputVerbs {
  readonly #ports: Pick<Ports, 'supervisor'>;
  readonly #find: (prefix: string) => Promise<Task>;

  constructor(ports: Pick<Ports, 'supervisor'>, find: (prefix: string) => Promise<Task>) {
    this.#ports = ports;
    this.#find = find;
  }

  async send(
    idOrPrefix: string,
    { data, end }: { data: Uint8Array; end: boolean },
    signal: AbortSignal,
  ): Promise<SentInput> {
    const task = await this.#find(idOrPrefix);
    const refusal = inputRefusal(task);
    if (refusal !== null) throw refusal;
    if (data.byteLength > LONGEST_INPUT)
      throw new TendError(
        'too_large',
        `${data.byteLength} bytes are more than the ${LONGEST_INPUT} that can be sent at once`,
        'Send them in parts.',
      );
    const { inputs } = this.#ports.supervisor;
    const ref = attemptRef(task.id, task.attempt ?? { number: 0 });
    const full = fedRefusal(task.id, await inputs.fed(ref), data.byteLength);
    if (full !== null) throw full;
    const number = await inputs.put(ref, data, end);
    await inputs.settled(ref, number, TELLING, signal);
    const now = await this.#find(task.id);
    const input = (await this.#inputsOf(now, ref.number)).find((one) => one.number === number);
    if (input === undefined)
      throw new TendError(
        'not_found',
        `what was sent to ${task.id} is not there any more`,
        `Look at the task with: tend show ${task.id}`,
      );
    return { task: now, attempt: ref.number, input };
  }

  async of(task: Task): Promise<Input[]> {
    if (task.spec.input !== true || task.attempt === null) return [];
    return this.#inputsOf(task, task.attempt.number);
  }

  /** An earlier daemon may have stored a text and died before it had it written. */
  hurry(tasks: Iterable<Task>): void {
    for (const { id, spec, attempt } of tasks)
      if (spec.input === true && attempt?.outcome === null)
        this.#ports.supervisor.inputs.hurry(attemptRef(id, attempt));
  }

  async #inputsOf({ id, attempt }: Task, number: number): Promise<Input[]> {
    const isOver = attempt?.number !== number || attempt.outcome !== null;
    return inputsOf(await this.#ports.supervisor.inputs.fed({ taskId: id, number }), isOver);
  }
}
