#!/usr/bin/env node
// Committed, unlike the bundle, so that npm finds it when it links the programs before the first
// build.
import { createRequire } from 'node:module'

createRequire(import.meta.url)('../bundle/launch.cjs').launch('etcdutl.cjs')
