import { StoreError } from '../errors.js'

/** The version of etcd whose API this is. */
export const CLUSTER_VERSION = '3.6.0'

/**
 * The version to go back to: one minor below the cluster's. Source: etcd, version/downgrade.go.
 */
export function downgradeTarget(version: string, clusterVersion: string): string {
  const match = /^v?(\d+)\.(\d+)(?:\.(\d+))?$/.exec(version)
  if (match === null) throw new StoreError({ code: 'WrongDowngradeVersionFormat' })
  const [, major, minor] = match
  const [clusterMajor, clusterMinor] = clusterVersion.split('.').map(Number)
  if (Number(major) !== clusterMajor || Number(minor) !== (clusterMinor ?? 0) - 1) {
    throw new StoreError({ code: 'InvalidDowngradeTargetVersion' })
  }
  return `${major}.${minor}.0`
}
