/** Bounds of what the package does with input from outside. */

/** Levels of nesting in JSON and YAML: whoever walks a value by recursion can rely on it. */
export const nestingDepthMax = 1000

/** Complaints of strict decoding in one answer; the real server has the same bound. */
export const strictErrorsMax = 100

/** Digits, or powers of ten, past which a text is not an amount of anything, only work. */
export const quantityDigitsMax = 1024
