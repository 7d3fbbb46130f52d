#!/usr/bin/env node
import { runEtcd } from './server/run.js'

// Nothing is awaited at the top of a program: its bundle is a script.
void runEtcd(process.argv.slice(2), process.env).then((code) => {
  process.exitCode = code
})
