import { appendFileSync } from 'node:fs';
import type { Ports } from '../../src/engine/context.ts';

export type When = 'before' | 'after';

/** Where a daemon dies: around the `at`-th call at this level, of those with this label, or one of these labels, if any is named; 0 = nowhere. */
export interface Plan {
  level: 'port' | 'sql' | 'git';
  at: number;
  when: When;
  label?: string;
  labels?: readonly string[];
}

/** Runs `call`, which `label` names; where `isOpen` says so afterwards, the next call is part of the same moment. */
export type Point = <T>(label: string, call: () => T, isOpen?: () => boolean) => T;

/** Kills this process, with SIGKILL, around the `at`-th call that goes through it; `died` gets its label first. */
export function crashPoint(
  { at, when, label: only, labels = only === undefined ? [] : [only] }: Plan,
  died: string,
): Point {
  let calls = 0;
  const isMeant = (label: string): boolean =>
    (labels.length === 0 || labels.includes(label)) && ++calls === at;
  const die = (label: string): void => {
    appendFileSync(died, `${label}\n`);
    process.kill(process.pid, 'SIGKILL');
  };
  if (when === 'before')
    return (label, call) => {
      if (isMeant(label)) die(label);
      return call();
    };
  return (label, call, isOpen = () => false) => {
    const result = call();
    if (isOpen() || !isMeant(label)) return result;
    if (result instanceof Promise) return result.finally(() => die(label)) as typeof result;
    die(label);
    return result;
  };
}

/** These neither look at the world nor change it: a kill around them is a kill around the next call. */
const TRACELESS: readonly string[] = [
  'clock.now',
  'clock.monotonic',
  'chance.next',
  'chance.bytes',
  'output.path',
  'output.agentFolder',
  'agents.get',
  'agents.list',
  'agents.override',
  'workspaces.place',
  'calendar.next',
  'calendar.check',
];

/** The same port, each of whose methods passes the crash point. Production code has no hook for it. */
export function through<K extends keyof Ports>(point: Point, name: K, port: Ports[K]): Ports[K] {
  return intercept(port, (method, call) => {
    const label = `${name}.${method}`;
    return TRACELESS.includes(label) ? call() : point(label, call);
  });
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
