import type { Ports } from '../../src/engine/context.ts';

export function withBug<K extends keyof Ports>(_bug: string, _name: K, port: Ports[K]): Ports[K] {
  return port;
}
