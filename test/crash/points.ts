import { appendFileSync } from 'node:fs';
import type { Ports } from '../../src/engine/context.ts';

export type When = 'before' | 'after';

/** Where a daemon dies: around the `at`-th call at this level; 0 = nowhere. */
export interface Plan {
  level: 'port' | 'sql';
  at: number;
  when: When;
}

/** Runs `call`, which `label` names. */
export type Point = <T>(label: string, call: () => T) => T;

/** Kills this process, with SIGKILL, around the `at`-th call that goes through it; `died` gets its label first. */
export function crashPoint({ at, when }: Plan, died: string): Point {
  let calls = 0;
  return (label, call) => {
    calls += 1;
    if (calls !== at) return call();
    const die = (): void => {
      appendFileSync(died, `${label}\n`);
      process.kill(process.pid, 'SIGKILL');
    };
    if (when === 'before') die();
    const result = call();
    if (result instanceof Promise) return result.finally(die) as typeof result;
    die();
    return result;
  };
}

/** The clock and chance leave no trace in the world: a kill around them is a kill around the next call. */
const TRACELESS: readonly (keyof Ports)[] = ['clock', 'chance'];

/** The same port, each of whose methods passes the crash point. Production code has no hook for it. */
export function through<K extends keyof Ports>(point: Point, name: K, port: Ports[K]): Ports[K] {
  return TRACELESS.includes(name)
    ? port
    : intercept(port, (method, call) => point(`${name}.${method}`, call));
}

/** The same object, whose methods are called by way of `around`. */
export function intercept<T extends object>(
  object: T,
  around: (method: string, call: () => unknown, args: unknown[]) => unknown,
): T {
  return new Proxy(object, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) =>
        around(String(name), () => Reflect.apply(value, target, args) as unknown, args);
    },
  });
}
