import { z } from 'zod';
import { TendError } from '../domain/errors.ts';
import { type EndedTask, isEnded } from '../domain/task.ts';
import type { Engine } from '../engine/facade.ts';
import { idField, lineText, processText } from './fields.ts';
import { operation } from './operation.ts';
import { taskView } from './schemas.ts';
import { view } from './view.ts';

export const retry = operation({
  name: 'retry',
  summary: 'Run an ended task again, as a new task that names the old one.',
  http: { method: 'POST', path: '/v1/tasks/{id}/retry', success: 202 },
  input: z.strictObject({
    id: idField,
    feedback: processText(100_000).min(1).optional().meta({
      description: 'Told to the agent on top of its prompt.',
    }),
    agent: lineText(64).optional().meta({ description: 'Another agent for the same prompt.' }),
    env: z.record(z.string(), processText(1_000_000)).optional().meta({
      description: 'A fresh environment; default: the one the ended task had.',
    }),
  }),
  output: taskView,
  run: async (engine, { id, env, feedback, agent }) => {
    const task = await ended(engine, id);
    const { task: again } = await engine.retry(task, {
      environment: env ?? null,
      feedback: feedback ?? null,
      agent: agent ?? null,
    });
    return view(engine, again);
  },
});

export const resume = operation({
  name: 'resume',
  summary: "Go on with the session of an ended agent's task, as a new task.",
  http: { method: 'POST', path: '/v1/tasks/{id}/resume', success: 202 },
  input: z.strictObject({
    id: idField,
    text: processText(1_000_000).min(1).optional().meta({
      description: 'What the agent is told; default: to go on.',
    }),
    env: z.record(z.string(), processText(1_000_000)).optional().meta({
      description: 'A fresh environment; default: the one the ended task had.',
    }),
  }),
  output: taskView,
  run: async (engine, { id, text, env }) => {
    const task = await ended(engine, id);
    const { task: again } = await engine.resume(task, text ?? null, env ?? null);
    return view(engine, again);
  },
});

async function ended(engine: Engine, id: string): Promise<EndedTask> {
  const task = await engine.find(id);
  if (isEnded(task)) return task;
  throw new TendError(
    'not_ended',
    `${task.id} is ${task.state}, not ended`,
    `Wait for it with: tend wait ${task.id}`,
  );
}
