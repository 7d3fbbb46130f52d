export {
  type HollowNodes,
  type HollowNodesOptions,
  startHollowNodes,
} from './hollow-kubelet/hollow-nodes.js'
export { annotations as podScriptAnnotations } from './hollow-kubelet/pod/script.js'
export {
  type Decision,
  type DecisionLog,
  summarize as summarizeDecision,
} from './scheduler/decision.js'
export { type Scheduler, type SchedulerOptions, startScheduler } from './scheduler/scheduler.js'
