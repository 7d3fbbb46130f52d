#!/usr/bin/env node
// Committed, unlike the bundle, so that npm finds it when it links the programs before the first
// build. No module: Node would load its loader of modules first.
'use strict'

require('../bundle/launch.cjs').launch('kube-apiserver.cjs')
