#!/usr/bin/env node
// Committed, unlike the bundle, so that npm finds it when it links the programs before the first
// build.
import module from 'node:module'

// Node 22 keeps what the compiler made for the next start.
module.enableCompileCache?.()
await import('../bundle/etcd.js')
