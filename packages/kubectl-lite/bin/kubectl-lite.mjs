#!/usr/bin/env node
// Committed, unlike dist/, so that npm finds it when it links the programs before the first build.
import '../dist/main.js'
