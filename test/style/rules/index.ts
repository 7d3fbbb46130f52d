import type { Rule } from '../source.js'
import { cycleRule } from './cycles.js'
import { emptyCatchRule } from './errors.js'
import { generatedRule, sizeRule, unusedRule } from './files.js'
import { packageRule } from './packages.js'
import { timeAndChanceRule } from './time-and-chance.js'

export const rules: readonly Rule[] = [
  packageRule,
  cycleRule,
  timeAndChanceRule,
  emptyCatchRule,
  sizeRule,
  generatedRule,
  unusedRule,
]
