import { STATES } from '../../domain/lifecycle.ts';
import type { Operation } from '../../operations/operation.ts';

type Engine = Parameters<Operation['run']>[0];

interface Metric {
  name: string;
  help: string;
  /** Labels → value; one line each. */
  values: Record<string, number>;
}

/** The text that Prometheus reads; counts everything at the moment of asking. */
export async function metrics(engine: Engine): Promise<string> {
  const { byState, undelivered, dead } = await engine.counts();
  const states = STATES.map((state): [string, number] => [
    `{state="${state}"}`,
    byState[state] ?? 0,
  ]);
  const gauges: Metric[] = [
    { name: 'tend_tasks', help: 'Tasks by state.', values: Object.fromEntries(states) },
    {
      name: 'tend_deliveries_undelivered',
      help: 'Deliveries nobody has acknowledged or received yet.',
      values: { '': undelivered },
    },
    {
      name: 'tend_deliveries_dead',
      help: 'Pushed deliveries given up after all tries.',
      values: { '': dead },
    },
    {
      name: 'process_resident_memory_bytes',
      help: 'Resident memory of the daemon.',
      values: { '': process.memoryUsage.rss() },
    },
    {
      name: 'process_uptime_seconds',
      help: 'Time since the daemon started.',
      values: { '': process.uptime() },
    },
  ];
  return gauges.map(textOf).join('');
}

function textOf({ name, help, values }: Metric): string {
  const lines = Object.entries(values).map(([labels, value]) => `${name}${labels} ${value}`);
  return [`# HELP ${name} ${help}`, `# TYPE ${name} gauge`, ...lines, ''].join('\n');
}
