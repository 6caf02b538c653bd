import type { EndedTask, Task } from '../domain/task.ts';
import type { Submitted } from '../ports/store.ts';
import { resumedSpec, retried } from './agent-again.ts';
import type { Ports, Settings } from './context.ts';
import type { Environment, RetryChange, SubmitRequest } from './facade.ts';
import type { Machine } from './machine.ts';
import { placeAgain } from './order.ts';
import { submitTask } from './submit.ts';

/** Takes new tasks in: asked for, asked for again, gone on with. */
export class Intake {
  readonly #ports: Ports;
  readonly #settings: Settings;
  readonly #machine: Machine;
  readonly #place: Parameters<typeof submitTask>[2];

  constructor(
    ports: Ports,
    settings: Settings,
    machine: Machine,
    node: string,
    find: (prefix: string) => Promise<Task>,
  ) {
    this.#ports = ports;
    this.#settings = settings;
    this.#machine = machine;
    this.#place = { node, family: machine.family, find };
  }

  /** With the variables of the request, or the environment stored under `environment`. */
  async submit(request: SubmitRequest, environment: string | null): Promise<Submitted> {
    const submitted = await submitTask(
      this.#ports,
      this.#settings,
      this.#place,
      request,
      environment,
    );
    this.#machine.feed.announce(submitted.task);
    if (submitted.created) this.#machine.wake(submitted.task.id);
    return submitted;
  }

  async retry(task: EndedTask, change: RetryChange): Promise<Submitted> {
    return this.#again(task, await retried(this.#ports, task, change), change.environment);
  }

  async resume(
    task: EndedTask,
    text: string | null,
    environment: Environment | null,
  ): Promise<Submitted> {
    return this.#again(task, await resumedSpec(this.#ports, task, text), environment);
  }

  async #again(
    task: EndedTask,
    spec: SubmitRequest['spec'],
    environment: Environment | null,
  ): Promise<Submitted> {
    const place = await placeAgain(this.#ports.store, task, spec.retryOf !== null);
    const request = {
      id: null,
      spec: { ...spec, ...place },
      environment: environment ?? {},
      runAt: null,
      again: true,
    };
    return this.submit(request, environment === null ? task.spec.environment : null);
  }
}
