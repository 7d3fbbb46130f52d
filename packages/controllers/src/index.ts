export {
  type HollowNodes,
  type HollowNodesOptions,
  startHollowNodes,
} from './hollow-kubelet/hollow-nodes.js'
export { limits as hollowKubeletLimits } from './hollow-kubelet/limits.js'
export { annotations as podScriptAnnotations } from './hollow-kubelet/pod/script.js'
export * from './manager/controller.js'
export {
  type ControllersOptions,
  type RunningControllers,
  runControllers,
  startControllers,
} from './manager/start-controllers.js'
export {
  type Decision,
  type DecisionLog,
  summarize as summarizeDecision,
} from './scheduler/decision.js'
export { type Scheduler, type SchedulerOptions, startScheduler } from './scheduler/scheduler.js'
