/** Every bound of the hollow kubelet, in one place. */
export const limits = {
  /** As many /24 as there are from 10.244.0.0 to 10.255.255.0, rounded down. */
  nodesMax: 3_000,
  /** A node's Pods get their addresses from a /24. */
  podsPerNodeMax: 250,
  /** Pod statuses on their way at once, over all nodes; more wait. */
  writesInFlightMax: 512,
  /** What one run of a container can keep in files. */
  containerFilesBytesMax: 16 * 1024 * 1024,
  /** And how many of them, folders included. */
  containerFilesMax: 10_000,
  /** A line of what a process reads. */
  lineBytesMax: 4 * 1024 * 1024,
  /** A line that is typed, as a kernel takes it. */
  typedLineBytesMax: 4095,
  /** Steps of a command (lines, turns of a loop) before it is killed. */
  processStepsMax: 10_000_000,
  /** And of one that is run again to see what it has printed: what comes after is not shown. */
  replayStepsMax: 200_000,
  /** The same to see how it ends: what comes after is taken for endless. */
  commandStepsMax: 20_000,
  /** So is what sleeps for longer. */
  commandLookedAtMs: 7 * 24 * 3_600_000,
  /** Of a container's commands, at once: subshells and programs. */
  processesMax: 200,
  /** A variable of a shell, and whatever else it makes of words. */
  shellTextBytesMax: 1024 * 1024,
  /** What a command that is typed or piped in may take before it is whole. */
  shellCommandBytesMax: 256 * 1024,
  /** What is looked back on of a log: a kubelet keeps as much before it begins a new file. */
  logBytesMax: 10 * 1024 * 1024,
  /** Outputs that wait for a reader of a log. */
  logOutputsWaitingMax: 1_000,
} as const

/** How long things take that no annotation says anything about. */
export const timing = {
  leaseRenewMs: 10_000,
  leaseDurationSeconds: 40,
  /** Heartbeat in the Node's own status, besides its Lease. */
  nodeStatusMs: 300_000,
  /** Pause before a node that could not be registered, or a failed write, is tried again. */
  retryMs: 1_000,
  /** A Pod with restartPolicy Never or OnFailure runs this long at least, and when nobody knows. */
  runMs: 1_000,
  /** From a graceful delete to the Pod's end. */
  stopMs: 200,
  /** A crashing container waits before it is started again: doubles from the first to the max. */
  crashBackoffFirstMs: 10_000,
  crashBackoffMaxMs: 300_000,
  /** A container that has run for so long starts over with the shortest wait. */
  crashBackoffResetMs: 600_000,
  /** An image that can't be pulled: how long ErrImagePull shows, then the same back-off. */
  pullErrorMs: 1_000,
} as const
