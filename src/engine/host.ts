import type { Report, Settings } from './context.ts';
import type { Configuration, Finding, NodeInfo } from './facade.ts';
import type { TrustVerbs } from './trust-facade.ts';

/** What only the daemon around the engine can do. */
export interface Host {
  info: NodeInfo;
  settings: Settings;
  report: Report;
  configuration(): Configuration;
  configure(name: string, value: string): Promise<Configuration>;
  findings(): Promise<Finding[]>;
  trust: TrustVerbs;
  shutdown(): void;
}
