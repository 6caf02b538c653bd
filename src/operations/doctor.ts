import { z } from 'zod';
import { operation } from './operation.ts';
import { pausesOf, pausesView } from './pause.ts';
import { iso } from './view.ts';

export const doctor = operation({
  name: 'doctor',
  summary: 'Check everything and explain every stuck task in one sentence.',
  http: { method: 'GET', path: '/v1/doctor', success: 200 },
  input: z.strictObject({}),
  output: z.object({
    ok: z.boolean(),
    findings: z.array(
      z.object({
        check: z.string(),
        level: z.enum(['ok', 'note', 'problem']),
        message: z.string(),
        taskId: z.string().nullable(),
      }),
    ),
  }),
  run: async (engine) => {
    const findings = await engine.doctor();
    return { ok: findings.every((finding) => finding.level !== 'problem'), findings };
  },
});

export const status = operation({
  name: 'status',
  summary: 'Who this daemon is and what it holds.',
  http: { method: 'GET', path: '/v1/status', success: 200 },
  input: z.strictObject({}),
  output: z.object({
    version: z.string(),
    protocol: z.int(),
    node: z.string(),
    owner: z.string(),
    pid: z.int(),
    startedAt: z.iso.datetime(),
    stateFolder: z.string(),
    socket: z.string(),
    configPath: z.string(),
    logPath: z.string(),
    rssBytes: z.int(),
    tasks: z.record(z.string(), z.int()),
    undelivered: z.int(),
    dead: z.int(),
    paused: pausesView,
  }),
  run: async (engine) => {
    const { byState, undelivered, dead } = await engine.counts();
    return {
      ...engine.info,
      startedAt: iso(engine.info.startedAt),
      rssBytes: process.memoryUsage.rss(),
      tasks: { ...byState },
      undelivered,
      dead,
      paused: pausesOf(engine.pauses),
    };
  },
});

export const shutdown = operation({
  name: 'shutdown',
  summary: 'End the daemon; running tasks go on and are adopted by the next one.',
  http: { method: 'POST', path: '/v1/shutdown', success: 202 },
  input: z.strictObject({}),
  output: z.object({ pid: z.int() }),
  run: async (engine) => {
    engine.shutdown();
    return Promise.resolve({ pid: engine.info.pid });
  },
});
