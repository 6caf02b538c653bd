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
import { config, configure } from './config.ts';
import { doctor, shutdown, status } from './doctor.ts';
import { events, taskEvents } from './events.ts';
import { ack, inbox } from './inbox.ts';
import { list } from './list.ts';
import { follow, output } from './output.ts';
import { gc, remove } from './remove.ts';
import { resume, retry } from './retry.ts';
import { attempts, history, show } from './show.ts';
import { kill, stop } from './stop.ts';
import { submit } from './submit.ts';
import { wait, waitOne } from './wait.ts';

/** Every verb there is: the doors are projections of this table. */
export const operations = {
  submit,
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
  agents,
  agentList,
  hold,
  release,
  prompt,
  replay,
  remove,
  gc,
  inbox,
  ack,
  config,
  configure,
  doctor,
  status,
  shutdown,
} as const;

/** The verbs that answer with a stream. */
export const streams = { follow, events, taskEvents, agentEvents, recording } as const;
