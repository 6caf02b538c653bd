import type * as facade from '../../src/engine/facade.ts';

export const NODE = 'fixture';

export const FIXTURE_INFO: facade.NodeInfo = {
  version: '0.0.0',
  protocol: 1,
  node: NODE,
  owner: 'cli:test',
  pid: process.pid,
  startedAt: Date.now(),
  stateFolder: '/state',
  socket: '/state/tend.sock',
  configPath: '/state/config.toml',
  logPath: '/state/daemon.log',
};

export const DEFAULTS: facade.SubmitDefaults = {
  timeout: 1_800_000,
  grace: 5_000,
  remind: 600_000,
  notify: 'always',
  retry: 0,
};
