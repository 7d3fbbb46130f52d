import { podSpec, type Scenario } from './stage.js'

const job = (name: string, spec: object, pod: object = {}) => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name },
  spec: { template: { spec: podSpec({ restartPolicy: 'Never', ...pod }) }, ...spec },
})

/** Ends every Pod that runs, one after the other, with what `codeOf` says of it. */
async function finishAll(
  { cluster, kubelets }: Parameters<Scenario>[0],
  codeOf: (index: string) => number,
): Promise<void> {
  for (;;) {
    const [next] = (await kubelets.pods()).filter(
      ({ metadata, status }) => status?.phase === 'Running' && !metadata.deletionTimestamp,
    )
    if (next === undefined) return
    const index = next.metadata.annotations?.['batch.kubernetes.io/job-completion-index'] ?? ''
    await kubelets.finish(next, codeOf(index))
    await cluster.settle()
  }
}

/** Jobs and CronJobs. */
export const jobs: Readonly<Record<string, Scenario>> = {
  async job(stage) {
    const { cluster, kubelets, shot } = stage
    await cluster.create(job('work', { completions: 3, parallelism: 2 }))
    await cluster.settle()
    await shot('created')
    await kubelets.work()
    await shot('running')
    await finishAll(stage, () => 0)
    await shot('two of three')
    await kubelets.work()
    await finishAll(stage, () => 0)
    await cluster.settle()
    await shot('complete')
  },

  async 'failing-job'(stage) {
    const { cluster, kubelets, shot, pass } = stage
    await cluster.create(job('work', { backoffLimit: 1 }))
    for (let turn = 0; turn < 2; turn++) {
      await kubelets.work()
      await finishAll(stage, () => 1)
      await pass(12)
    }
    await cluster.settle()
    await shot('failed')
  },

  async 'indexed-job'(stage) {
    const { cluster, kubelets, shot } = stage
    await cluster.create(
      job('work', {
        completionMode: 'Indexed',
        completions: 3,
        parallelism: 3,
        backoffLimitPerIndex: 0,
        maxFailedIndexes: 3,
        podFailurePolicy: {
          rules: [{ action: 'FailIndex', onExitCodes: { operator: 'In', values: [7] } }],
        },
      }),
    )
    await kubelets.work()
    await shot('running')
    await finishAll(stage, (index) => (index === '1' ? 7 : 0))
    await cluster.settle()
    await shot('one index failed')
  },

  async 'job-policy'(stage) {
    const { cluster, kubelets, shot } = stage
    await cluster.create(
      job('work', {
        completions: 4,
        parallelism: 2,
        backoffLimit: 6,
        podFailurePolicy: {
          rules: [
            { action: 'FailJob', onExitCodes: { operator: 'In', values: [42] } },
            { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
          ],
        },
      }),
    )
    await kubelets.work()
    await finishAll(stage, () => 42)
    await kubelets.work()
    await shot('failed by policy')
  },

  async 'job-success'(stage) {
    const { cluster, kubelets, shot } = stage
    await cluster.create(
      job('work', {
        completionMode: 'Indexed',
        completions: 3,
        parallelism: 3,
        successPolicy: { rules: [{ succeededIndexes: '0', succeededCount: 1 }] },
      }),
    )
    await kubelets.work()
    const [leader] = (await kubelets.pods()).filter(
      ({ metadata }) => metadata.labels?.['batch.kubernetes.io/job-completion-index'] === '0',
    )
    if (leader) await kubelets.finish(leader, 0)
    await kubelets.work()
    await shot('the leader is enough')
  },

  async 'job-ignores'(stage) {
    const { cluster, kubelets, shot } = stage
    await cluster.create(
      job('work', {
        backoffLimit: 0,
        podReplacementPolicy: 'Failed',
        podFailurePolicy: {
          rules: [
            { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
          ],
        },
      }),
    )
    await kubelets.work()
    const [pod] = await kubelets.pods()
    const conditions = [{ type: 'DisruptionTarget', status: 'True', reason: 'ByScript' }]
    const name = pod?.metadata.name ?? ''
    await cluster.patch(
      'Pod',
      name,
      { status: { conditions } },
      { type: 'strategic', sub: 'status' },
    )
    await finishAll(stage, () => 1)
    await kubelets.work()
    await shot('another one')
    await finishAll(stage, () => 1)
    await shot('failed')
  },

  async 'elastic-job'(stage) {
    const { cluster, kubelets, shot } = stage
    const spec = { completionMode: 'Indexed', completions: 2, parallelism: 2 }
    await cluster.create(job('work', spec))
    await kubelets.work()
    await cluster.patch('Job', 'work', { spec: { completions: 4, parallelism: 4 } })
    await kubelets.work()
    await shot('more')
    await cluster.patch('Job', 'work', { spec: { completions: 1, parallelism: 1 } })
    await kubelets.work()
    await shot('fewer')
    await finishAll(stage, () => 0)
    await cluster.settle()
    await shot('done')
  },

  async 'foreign-jobs'({ cluster, kubelets, shot }) {
    await cluster.create(job('work', { managedBy: 'example.com/queue' }))
    await cluster.create(job('none', { parallelism: 0 }))
    await cluster.create(job('nothing', { completions: 0 }))
    await kubelets.work()
    await shot('untouched')
  },

  async 'suspended-job'({ cluster, kubelets, shot }) {
    await cluster.create(job('work', { suspend: true, parallelism: 2 }))
    await cluster.settle()
    await shot('suspended')
    await cluster.patch('Job', 'work', { spec: { suspend: false } })
    await kubelets.work()
    await shot('resumed')
    await cluster.patch('Job', 'work', { spec: { suspend: true } })
    await kubelets.work()
    await shot('suspended again')
  },

  async 'job-deadline'({ cluster, kubelets, shot, pass }) {
    await cluster.create(job('work', { activeDeadlineSeconds: 6, ttlSecondsAfterFinished: 100 }))
    await kubelets.work()
    await pass(7)
    await kubelets.work()
    await shot('too late')
  },

  async 'job-ttl'(stage) {
    const { cluster, kubelets, shot, pass } = stage
    await cluster.create(job('work', { ttlSecondsAfterFinished: 1 }))
    await kubelets.work()
    await finishAll(stage, () => 0)
    await pass(3)
    await kubelets.work()
    await shot('gone')
  },

  async 'ticking-cronjob'(stage) {
    const { cluster, kubelets, shot, pass } = stage
    await cluster.create({
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name: 'tick' },
      spec: {
        schedule: '* * * * *',
        concurrencyPolicy: 'Forbid',
        jobTemplate: { spec: { template: { spec: podSpec({ restartPolicy: 'Never' }) } } },
      },
    } as never)
    await pass(61)
    await cluster.patch('CronJob', 'tick', { spec: { suspend: true } })
    await kubelets.work()
    await shot('started')
    await finishAll(stage, () => 0)
    await cluster.settle()
    await shot('done')
  },

  async cronjob({ cluster, kubelets, shot }) {
    await cluster.create({
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name: 'tick' },
      spec: {
        schedule: '0 0 29 2 *',
        suspend: true,
        jobTemplate: { spec: { template: { spec: podSpec({ restartPolicy: 'Never' }) } } },
      },
    })
    await kubelets.work()
    await shot('suspended')
    await cluster.patch('CronJob', 'tick', {
      spec: { schedule: '0 0 30 2 *', timeZone: 'Etc/UTC', suspend: false },
    })
    await kubelets.work()
    await shot('never')
  },
}
