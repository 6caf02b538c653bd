import type { Task } from '../../src/domain/task.ts';
import { Feed } from '../../src/engine/feed.ts';

/** A feed that knows how many listen. */
export class CountedFeed extends Feed {
  size = 0;

  override listen(listener: (task: Task) => void): () => void {
    this.size += 1;
    const stop = super.listen(listener);
    return () => {
      this.size -= 1;
      stop();
    };
  }
}
