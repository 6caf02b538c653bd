import { expect, test } from 'vitest';
import type { Ports } from '../../src/engine/context.ts';
import { openGround } from './ground.ts';

/** The ports, of which one call fails the first `times` times. */
const failing =
  (times: number, port: 'supervisor' | 'store', verb: string) =>
  (ports: Ports): Ports => {
    let left = times;
    const real: object = ports[port];
    const wrapped = new Proxy(real, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]): unknown => {
          if (name === verb && left-- > 0) return Promise.reject(new Error(`${verb} failed`));
          return Reflect.apply(value, target, args) as unknown;
        };
      },
    });
    return { ...ports, [port]: wrapped };
  };

test.each([
  ['supervisor', 'launch'],
  ['supervisor', 'inspect'],
  ['store', 'commit'],
  ['store', 'waiting'],
  ['store', 'due'],
  ['store', 'released'],
] as const)('a %s whose %s fails for a while delays, and loses nothing', async (port, verb) => {
  const ground = await openGround(failing(2, port, verb));
  const { id } = await ground.submit('exit 3');
  const next = await ground.submit('true', { after: [{ task: id, when: 'failure' }] });
  expect(await ground.settled(id, next.id)).toMatchObject([
    { state: 'failed', reason: 'exit_code', attempt: { number: 1 } },
    { state: 'completed' },
  ]);
  await ground.close();
  expect(ground.faults).toEqual(expect.arrayContaining([new Error(`${verb} failed`)]));
});

test('a signal that could not be sent is sent again', async () => {
  const ground = await openGround(failing(1, 'supervisor', 'signal'));
  const { id } = await ground.submit('sleep 60');
  await ground.reaches(id, 'running');
  await expect(ground.stop(id)).rejects.toThrow('signal failed');
  expect(await ground.stop(id)).toMatchObject({ state: 'stopping' });
  expect(await ground.settled(id)).toMatchObject([{ state: 'cancelled', reason: 'user' }]);
  await ground.close();
});
