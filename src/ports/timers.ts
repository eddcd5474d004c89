/** How work is put off; the only source of waiting for jobs and watchers. */
export interface Timers {
  /** Runs the task once after a while, unless the returned function is called first. Does not keep the process alive. */
  after(ms: number, task: () => void): () => void;
}
