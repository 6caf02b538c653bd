import type { ServerEvent, ServerEventBus } from '@modelcontextprotocol/server';
import type { Calls } from './calls.ts';
import { openSubscriptions, type Subscriptions } from './subscriptions.ts';

/** Feeds the streams of changes that clients hold open over HTTP; without any, nothing is read. */
export function eventBus(calls: Calls, onFault: (error: unknown) => void) {
  const listeners = new Set<(event: ServerEvent) => void>();
  let source: Subscriptions | null = null;

  const publish = (event: ServerEvent): void => {
    for (const listener of listeners)
      try {
        listener(event);
      } catch (error) {
        onFault(error);
      }
  };
  const events: ServerEventBus = {
    publish,
    subscribe(listener) {
      listeners.add(listener);
      if (source === null) {
        const updated = (uri: string): void => publish({ kind: 'resource_updated', uri });
        const listChanged = (): void => publish({ kind: 'resources_list_changed' });
        source = openSubscriptions(calls, { updated, listChanged }, true);
        source.watch();
      }
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        source?.close();
        source = null;
      };
    },
  };
  return { events, subscriptions: THERE };
}

/** Says to a client that it can be told of changes: the streams themselves are the SDK's. */
const THERE: Subscriptions = {
  watch: () => undefined,
  subscribe: () => false,
  unsubscribe: () => undefined,
  close: () => undefined,
};
