import { BaseSequencer, type TestSpecification } from 'vitest/node'

/**
 * What takes longest, by the beginning of its path. kubectl's transcripts keep both cores busy and
 * show moments: the second suite of them begins when the first one has ended.
 */
const LONG = [
  'test/conformance/kubectl-lite',
  'test/e2e/',
  'test/conformance/http',
  'packages/store/src/client/',
  'packages/store/src/node/',
  'test/conformance/kubectl.',
]

/** Begins what takes long, so that no worker is alone with it in the end. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const root = `${this.ctx.config.root}/`
    const rank = ({ moduleId }: TestSpecification) => {
      const index = LONG.findIndex((path) => moduleId.startsWith(root + path))
      return index < 0 ? LONG.length : index
    }
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b))
  }
}
