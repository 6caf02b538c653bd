import { agentAck, agentChanges } from './agent-history.ts';
import {
  agentEvents,
  agentList,
  agents,
  hold,
  prompt,
  recording,
  release,
  replay,
} from './agents.ts';
import { advise } from './advise.ts';
import { batch } from './batch.ts';
import { config, configure } from './config.ts';
import { cost } from './cost.ts';
import { diff, patch } from './diff.ts';
import { doctor, shutdown, status } from './doctor.ts';
import { events, taskEvents } from './events.ts';
import {
  createGroup,
  editGroup,
  group,
  groups,
  postFinding,
  removeFinding,
  removeGroup,
} from './groups.ts';
import { ack, inbox } from './inbox.ts';
import { input } from './input.ts';
import { list } from './list.ts';
import { addMemory, memories, memory, removeMemory } from './memories.ts';
import { merge, previewMerge, waitMerge } from './merge.ts';
import { channels, deadDeliveries, digest, resend, resendAll, testNotify } from './notices.ts';
import { follow, output } from './output.ts';
import { pause, unpause } from './pause.ts';
import { answer, questions } from './questions.ts';
import { gc, remove } from './remove.ts';
import { resume, retry } from './retry.ts';
import { accept, reject } from './review.ts';
import {
  addSchedule,
  pauseSchedule,
  removeSchedule,
  schedule,
  schedules,
  unpauseSchedule,
} from './schedules.ts';
import { attempts, history, show } from './show.ts';
import { kill, stop } from './stop.ts';
import { submit } from './submit.ts';
import { distrustProject, projectTrust, trustProject } from './trust.ts';
import { undo } from './undo.ts';
import { wait, waitOne } from './wait.ts';
import { removeWatch, watch, watches } from './watches.ts';
import {
  workerAsk,
  workerFinding,
  workerFinish,
  workerMemory,
  workerPermit,
  workerProgress,
  workerTask,
} from './worker.ts';

/** Every verb there is: the doors are projections of this table. */
export const operations = {
  submit,
  batch,
  list,
  show,
  attempts,
  history,
  output,
  wait,
  waitOne,
  stop,
  kill,
  retry,
  resume,
  diff,
  accept,
  reject,
  merge,
  previewMerge,
  waitMerge,
  undo,
  agents,
  agentList,
  advise,
  hold,
  release,
  agentAck,
  agentChanges,
  prompt,
  replay,
  pause,
  unpause,
  schedules,
  addSchedule,
  schedule,
  removeSchedule,
  pauseSchedule,
  unpauseSchedule,
  remove,
  gc,
  inbox,
  ack,
  input,
  watch,
  watches,
  removeWatch,
  questions,
  answer,
  workerTask,
  workerAsk,
  workerFinish,
  workerProgress,
  workerPermit,
  workerMemory,
  workerFinding,
  groups,
  createGroup,
  group,
  editGroup,
  removeGroup,
  postFinding,
  removeFinding,
  memories,
  addMemory,
  memory,
  removeMemory,
  projectTrust,
  trustProject,
  distrustProject,
  channels,
  testNotify,
  deadDeliveries,
  resend,
  resendAll,
  digest,
  config,
  configure,
  cost,
  doctor,
  status,
  shutdown,
} as const;

/** The verbs that answer with a stream. */
export const streams = { follow, events, taskEvents, agentEvents, recording, patch } as const;
