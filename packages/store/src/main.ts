#!/usr/bin/env node
import { runEtcd } from './server/run.js'

process.exitCode = await runEtcd(process.argv.slice(2), process.env)
