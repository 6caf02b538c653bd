import type { Ports } from './context.ts';
import type { Finding } from './facade.ts';

/** Schedules whose latest firing came to nothing, each in a sentence; else how many there are. */
export async function scheduleFindings({ store }: Ports): Promise<Finding[]> {
  const schedules = await store.schedules();
  if (schedules.length === 0) return [];
  const finding = (level: Finding['level'], message: string): Finding => ({
    check: 'schedule',
    level,
    message,
    taskId: null,
  });
  const next = await store.nextFiring();
  const coming = next === null ? 'none to fire' : `the next fires at ${iso(next)}`;
  return [
    finding('ok', `${schedules.length} stored, ${coming}`),
    ...schedules.flatMap(({ id, name, lastError }) =>
      lastError === null
        ? []
        : finding(
            'problem',
            `${name ?? id} could not start its task of ${iso(lastError.at)}: ${lastError.message}; see: tend schedule show ${id}`,
          ),
    ),
  ];
}

const iso = (at: number): string => new Date(at).toISOString();
