/** The package's own folder: one up from this file's, be that dist/ or the bundle's. */
export const packageFolder = new URL('../', import.meta.url)
