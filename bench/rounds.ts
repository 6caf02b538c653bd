export interface Contender<T> {
  name: string;
  run: (round: number) => Promise<T>;
}

/** Runs all contenders in turn, `rounds` times (A B C A B C), so that a change of the machine hits all alike. */
export async function roundRobin<T>(
  contenders: readonly Contender<T>[],
  rounds: number,
): Promise<Map<string, T[]>> {
  const results = new Map(contenders.map(({ name }): [string, T[]] => [name, []]));
  for (let round = 0; round < rounds; round++)
    for (const { name, run } of contenders) results.get(name)?.push(await run(round));
  return results;
}

/** Runs `job` for 0 … count - 1, at most `width` at a time; answers in that order. */
export async function inFlight<T>(
  count: number,
  width: number,
  job: (index: number) => Promise<T>,
): Promise<T[]> {
  const results: T[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) results[index] = await job(index);
  };
  await Promise.all(Array.from({ length: Math.min(width, count) }, work));
  return results;
}

/** Waits until `done`, looked at every `pause` ms; throws after `patience` ms. */
export async function until(
  what: string,
  done: () => Promise<boolean> | boolean,
  pause = 10,
  patience = 120_000,
): Promise<void> {
  const deadline = performance.now() + patience;
  while (!(await done())) {
    if (performance.now() > deadline) throw new Error(`${what} did not happen in ${patience} ms`);
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}
