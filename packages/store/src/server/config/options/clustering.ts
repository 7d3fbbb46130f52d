import { option } from '../option.js'
import { boolean, duration, int, oneOf, string, urls } from '../value-type.js'
import { DEFAULT_CLIENT_URL, DEFAULT_NAME, DEFAULT_PEER_URL } from './member.js'

const refused = { status: 'refused' } as const

export const clusteringOptions = {
  'initial-advertise-peer-urls': option(
    urls,
    [DEFAULT_PEER_URL],
    'Where the other members reach this one.',
  ),
  'initial-cluster': option(
    string,
    `${DEFAULT_NAME}=${DEFAULT_PEER_URL}`,
    'The members that begin the cluster: name=peer-URL,name=peer-URL, …',
  ),
  'initial-cluster-state': option(
    oneOf('new', 'existing'),
    'new',
    "'new' begins a cluster, 'existing' joins one to which this member has been added.",
  ),
  'initial-cluster-token': option(
    string,
    'etcd-cluster',
    'Tells apart clusters that begin with the same members.',
  ),
  'advertise-client-urls': option(urls, [DEFAULT_CLIENT_URL], 'Where clients reach this member.'),
  discovery: option(string, '', 'URL of a discovery service.', refused),
  'discovery-token': option(string, '', 'Token of the cluster to discover.', refused),
  'discovery-endpoints': option(string, '', 'Endpoints of the discovery service.', refused),
  'discovery-fallback': option(string, 'exit', 'What to do when discovery fails.', {
    status: 'ignored',
  }),
  'discovery-proxy': option(string, '', 'Proxy to the discovery service.', { status: 'ignored' }),
  'discovery-srv': option(string, '', 'Domain whose SRV records name the members.', refused),
  'discovery-srv-name': option(string, '', 'Suffix of the SRV records.', refused),
  'strict-reconfig-check': option(
    boolean,
    true,
    'Refuse a change of members that would leave too few started ones.',
  ),
  'pre-vote': option(boolean, true, 'Ask whether an election could be won before standing for it.'),
  'auto-compaction-retention': option(
    string,
    '0',
    'How much history automatic compaction keeps: a duration (hours without a unit) or a number of revisions. 0: all.',
  ),
  'auto-compaction-mode': option(
    string,
    'periodic',
    "What the retention counts: 'periodic' (time) or 'revision'.",
  ),
  'max-learners': option(int, 1, 'Most learners in the cluster at a time.', { status: 'ignored' }),
  'v2-deprecation': option(string, 'write-only', 'Phase of the removal of API v2.', {
    status: 'ignored',
  }),
  'enable-v2': option(boolean, false, 'Serve API v2, which this program does not have.', {
    status: 'ignored',
  }),
  'downgrade-check-time': option(
    duration,
    5_000,
    'How often members look whether a downgrade is under way.',
    { status: 'ignored' },
  ),
}
