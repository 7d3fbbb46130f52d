// Loads a program's files together with what V8 made of them last time (docs/adr/0016-code-cache.md).
// The build puts this file beside the program's: see bundle.mjs. CommonJS, because only a script can
// be given its compiled form; Node 20 has no way to do that for a module.
'use strict'

const { createHash } = require('node:crypto')
const fs = require('node:fs')
const { createRequire } = require('node:module')
const os = require('node:os')
const path = require('node:path')
const vm = require('node:vm')

const HASH = 'sha256'
const HASH_BYTES = 32
/** By then a program that stays has run most of what a start runs. */
const SAVE_AFTER_MS = 2_000
/** Of one program on one machine, over its commands, its versions and Node's. */
const FOLDERS_MAX = 50
const ENDING = '.v8'
const COMMAND = /^[a-z][a-z-]{0,30}$/
/** As Node's own loader calls them, which loads the same files for source maps. */
const PARAMETERS = 'exports, require, module, __filename, __dirname'

/**
 * Runs `main`, a file of `folder`. What V8 compiles of it and of what it loads is kept for the next
 * start, one set for each `command`, which decides what code runs. A cache that is broken, somebody
 * else's, of another build or of another Node counts as none; one that can't be written is not written.
 */
exports.launch = (
  main,
  {
    folder = __dirname,
    command = process.argv[2],
    cacheRoot = cacheRootOf(process.env),
    saveAfterMs = SAVE_AFTER_MS,
  } = {},
) => {
  const cache = openCache({
    root: cacheRoot,
    folder,
    program: path.basename(main, '.cjs'),
    command,
  })
  const load = loader(folder, cache)
  process.once('exit', (code) => code === 0 && cache.save())
  setTimeout(cache.save, saveAfterMs).unref()
  return load(`./${main}`)
}

/** Like `require`, but that files of `folder` are compiled with the cache. */
function loader(folder, cache) {
  const external = createRequire(path.join(folder, 'any.cjs'))
  const modules = new Map()
  return function load(id) {
    // Only Node's own loader knows of source maps.
    if (!id.startsWith('./') || process.sourceMapsEnabled) return external(id)
    const known = modules.get(id)
    if (known !== undefined) return known.exports
    const module = { exports: {} }
    modules.set(id, module)
    const file = path.join(folder, id)
    const run = cache.compile(file).runInThisContext()
    run.call(module.exports, module.exports, load, module, file, folder)
    return module.exports
  }
}

function openCache({ root, folder, program, command }) {
  // One that depends on where somebody stands might hold what somebody else put there.
  const parent = root && path.isAbsolute(root) ? path.join(root, 'miniplane') : undefined
  const variant = COMMAND.test(command ?? '') ? `-${command}` : ''
  const name = `${program}${variant}-${process.version}-${process.arch}`
  const place = parent && path.join(parent, name)
  const fresh = new Map()
  return {
    compile(filename) {
      // The build escapes whatever is not ASCII, and this is the quickest way to a string.
      const text = fs.readFileSync(filename, 'latin1')
      const file = place && path.join(place, path.basename(filename) + ENDING)
      const cachedData = file && readVerified(file, keyOf(text))
      // On the first line, so that lines are counted as they are in the file.
      const script = new vm.Script(`(function (${PARAMETERS}) {${text}\n})`, {
        filename,
        cachedData,
      })
      if (file && (cachedData === undefined || script.cachedDataRejected)) {
        fresh.set(file, { script, key: keyOf(text) })
      }
      return script
    },
    save() {
      if (fresh.size === 0) return
      try {
        fs.mkdirSync(place, { recursive: true, mode: 0o700 })
        if (!isOwnFolder(parent) || !isOwnFolder(place)) return
        for (const [file, { script, key }] of fresh) writeVerified(file, key, script)
        removeLeftOver(place, folder)
        removeOldest(parent, program)
      } catch {
        // A full disk, a home that can't be written: the next start compiles again.
      }
      fresh.clear()
    },
  }
}

/** A file's first line names its build; V8 itself would compare no more than the text's length. */
const keyOf = (text) => text.slice(0, text.indexOf('\n'))

const hashOf = (key, data) => createHash(HASH).update(key).update(data).digest()

/**
 * V8 trusts what it is given (one wrong bit can end the process), so it is given nothing but what this
 * user wrote, whole, of this very build.
 */
function readVerified(file, key) {
  try {
    const descriptor = fs.openSync(file)
    try {
      if (!isOwn(fs.fstatSync(descriptor))) return undefined
      const bytes = fs.readFileSync(descriptor)
      const data = bytes.subarray(HASH_BYTES)
      return hashOf(key, data).equals(bytes.subarray(0, HASH_BYTES)) ? data : undefined
    } finally {
      fs.closeSync(descriptor)
    }
  } catch {
    // There is none, or it can't be read: both mean that it has to be compiled.
    return undefined
  }
}

/** In somebody else's folder, or where a link leads, nothing is written and nothing removed. */
function isOwnFolder(folder) {
  const stats = fs.lstatSync(folder)
  return stats.isDirectory() && isOwn(stats)
}

const isOwn = ({ uid }) => process.getuid === undefined || uid === process.getuid()

/** Under a name of its own until it is whole: others start meanwhile. */
function writeVerified(file, key, script) {
  const partial = `${file}.${process.pid}`
  // Before the work: there may be no right to write.
  const descriptor = fs.openSync(partial, 'wx', 0o600)
  try {
    const data = script.createCachedData()
    fs.writeSync(descriptor, Buffer.concat([hashOf(key, data), data]))
  } finally {
    fs.closeSync(descriptor)
  }
  fs.renameSync(partial, file)
}

/** Removes what belongs to no file of the program: of an earlier build, or never finished. */
function removeLeftOver(place, folder) {
  for (const name of fs.readdirSync(place)) {
    if (name.endsWith(ENDING) && fs.existsSync(path.join(folder, name.slice(0, -ENDING.length)))) {
      continue
    }
    fs.rmSync(path.join(place, name), { force: true })
  }
}

function removeOldest(parent, program) {
  const names = fs.readdirSync(parent).filter((name) => name.startsWith(`${program}-`))
  if (names.length <= FOLDERS_MAX) return
  const byAge = names
    .map((name) => path.join(parent, name))
    .map((folder) => ({ folder, modified: fs.statSync(folder).mtimeMs }))
    .sort((a, b) => b.modified - a.modified)
  for (const { folder } of byAge.slice(FOLDERS_MAX)) {
    fs.rmSync(folder, { recursive: true, force: true })
  }
}

/** Where this system's users keep what can be made anew; undefined: nowhere. */
function cacheRootOf({
  NODE_DISABLE_COMPILE_CACHE,
  NODE_COMPILE_CACHE,
  XDG_CACHE_HOME,
  LOCALAPPDATA,
}) {
  // Node's own names for the same wish.
  if (NODE_DISABLE_COMPILE_CACHE) return undefined
  if (NODE_COMPILE_CACHE) return NODE_COMPILE_CACHE
  if (XDG_CACHE_HOME) return XDG_CACHE_HOME
  if (process.platform === 'win32' && LOCALAPPDATA) return LOCALAPPDATA
  try {
    const below = process.platform === 'darwin' ? 'Library/Caches' : '.cache'
    return path.join(os.homedir(), below)
  } catch {
    // Nobody's home is known.
    return undefined
  }
}
