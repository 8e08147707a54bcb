"""Every limit of the program: its name, value, unit and reason, in one place.

A limit that a user can set has a default here and its bounds beside it.
"""

from typing import Final

# -- messages ---------------------------------------------------------------------------------------------------------
HEADER_SIZE: Final = 12  # bytes; RFC 1035 §4.1.1
NAME_SIZE: Final = 255  # bytes of a name on the wire, RFC 1035 §2.3.4
LABEL_SIZE: Final = 63  # bytes of one label, RFC 1035 §2.3.4
NAME_POINTERS: Final = 126  # compression pointers of one name; more than labels fit in one lead nowhere (miekg/dns)
UDP_REPLY_SIZE: Final = 512  # bytes without EDNS, RFC 1035 §2.3.4; smaller EDNS sizes count as it (RFC 6891 §6.2.5)
MESSAGE_SIZE: Final = 65_535  # bytes; what the two-byte length of a TCP frame can say
UDP_QUERY_SIZE: Final = 4_096  # bytes read of a UDP query; a sane query is far below, padding to 4,096 is not refused

# -- the cluster ------------------------------------------------------------------------------------------------------
PORT: Final = 65_535  # the highest port number; a Kubernetes port outside 1..65535 is refused by the API server itself
SHARED_VALUES: Final = 300_000  # names and port lists kept once for all objects; begun anew above this, never wrong

# -- transports -------------------------------------------------------------------------------------------------------
UDP_BATCH: Final = 64  # datagrams of one recvmmsg; a system call's price is a hundredth of its work well before that
UDP_ROUNDS: Final = 8  # batches of one wake-up: at most about 4 ms of answering before TCP and the watch get their turn
UDP_RECEIVE_BUFFER: Final = 4 << 20  # bytes asked of the kernel: bursts of thousands of queries wait, none is lost
UDP_SEND_BUFFER: Final = 4 << 20  # bytes asked of the kernel: a batch of large replies fits whole
PENDING_REPLIES: Final = 4_096  # replies one listener waits for; about 5 KiB each, so 20 MiB of waiting
TCP_CONNECTIONS: Final = 900  # open at once over all listeners; of the usual 1,024 file descriptors 100 are left
TCP_CONNECTIONS_FLOOR: Final = 16  # however few file descriptors there are
OTHER_DESCRIPTORS: Final = 124  # file descriptors for listeners, watches, upstreams and status pages
TCP_CHUNK: Final = 16_384  # bytes read at once: hundreds of pipelined queries; the buffer is shared by all connections
TCP_OUTPUT: Final = 65_536  # bytes of replies a connection may owe to the kernel before it is read no further
TCP_TURNS: Final = 32  # replies of one connection waiting behind one that is not known yet; then it is read no further
TCP_BACKLOG: Final = 256  # connections the kernel keeps until they are accepted, and the most accepted at one wake-up
TCP_FIRST_READ: Final = 3.0  # seconds for the first query, or the rest of a begun one; CoreDNS's read timeout
TCP_WRITE: Final = 5.0  # seconds a client may leave its replies unread; CoreDNS's write timeout
TCP_IDLE: Final = 10.0  # seconds without a query after one; CoreDNS's idle timeout
TCP_SWEEP: Final = 0.05  # seconds between looks at the deadlines, at least: a look costs 1 µs for 20 connections
DRAIN: Final = 5.0  # seconds that questions under way have at the end; CoreDNS's grace
PORT_TRIES: Final = 64  # numbers tried to find one free for UDP and TCP on every address asked for
LOG_LINE: Final = 240  # characters of a line about something that came from outside
STATUS_GRACE: Final = 1.0  # seconds a status page under way may take at shutdown; pages are made at once
EXAMPLES: Final = 1_000  # Services looked at to find one whose name is printed as an example; a millisecond
STATUS_COMPRESS: Final = 1_400  # bytes of a status page from which gzip pays: what does not fit one packet

# -- the Corefile -----------------------------------------------------------------------------------------------------
SNIPPET_IMPORTS: Final = 10_000  # expansions of snippets in one Corefile; CoreDNS's cap against snippets in a circle
FILE_IMPORTS: Final = 100_000  # imports of files and globs in one Corefile; CoreDNS's cap against files in a circle
IMPORTED_TOKENS: Final = 1_000_000  # words brought in by imports, which multiply within imports; real ones are hundreds
ENVIRONMENT_REFERENCES: Final = 1_000  # references replaced in one word: values may refer to each other in a circle
ENVIRONMENT_TEXT: Final = 1 << 20  # characters of a word after that: two references to itself double it each time
ZONE_TEXT: Final = 255  # bytes of a zone in presentation form; CoreDNS refuses longer ones before looking at escapes

# -- answers ----------------------------------------------------------------------------------------------------------
SOA_TTL: Final = 300  # seconds; the most a SOA record lives, whatever the zone's ttl (CoreDNS backend_lookup.go)
KEPT_REPLIES: Final = 262_144  # finished replies, about 600 bytes each: A and AAAA of 100,000 Services and more
KEPT_PACKETS: Final = 65_536  # packets a door keeps replies for; about 700 bytes each
KEPT_PACKET_SIZE: Final = 512  # bytes; a longer packet (padding, many options) is not kept: it is no client's habit
KEPT_REPLY_SIZE: Final = 8_192  # bytes; a longer reply is put together each time, so that the packet memo stays small
ASKED_ONCE: Final = 65_536  # missing names remembered as asked once; eight bytes and a slot each
KEPT_REPLY_SECONDS: Final = 3e-06  # what a kept reply takes; it is not timed one by one, that would cost a tenth of it
SELF_LOOKUPS: Final = 9  # questions to itself within questions to itself; CNAME loops between zones end there
ALIAS_CHAIN: Final = 10  # ExternalNames followed one after the other inside a zone (CoreDNS maxCnameChainLength)

# -- reading the Kubernetes API ---------------------------------------------------------------------------------------
API_PAGE: Final = 500  # objects asked for in one page of a list; client-go's page size
API_OBJECT: Final = 8 << 20  # bytes of one object or watch line; etcd refuses 1.5 MiB, written as JSON it may triple
API_ENVELOPE: Final = 65_536  # bytes of a list around its items: kind, version, a continue token of a few KiB at most
API_REFUSAL: Final = 65_536  # bytes read of the body of a refused request; a Status is below 2 KiB
API_READ: Final = 262_144  # bytes decoded at one go, about 5 ms: then queries and the other watches get their turn
API_CONNECT: Final = 10.0  # seconds for TCP and TLS; a live API server answers in milliseconds
API_DEAD_LINK: Final = 30.0  # seconds of unacknowledged data or probes before the kernel gives a connection up
LIST_SILENCE: Final = 60.0  # seconds without a byte of a list; the API server ends its own requests at 60
WATCH_SILENCE: Final = 150.0  # seconds without a byte of a watch: two bookmarks, one a minute, and half a minute
INITIAL_EVENTS_SILENCE: Final = 10.0  # seconds between initial events before a plain list is taken, as in client-go
WATCH_TIMEOUT: Final = (300, 600)  # seconds, one at random (client-go), so that watches do not end together
SHORT_WATCH: Final = 1.0  # seconds; a watch that ends sooner and brought nothing is an error (client-go)
BACKOFF_FIRST: Final = 0.8  # seconds; client-go's reflector
BACKOFF_FACTOR: Final = 2.0  # how much longer each wait is than the one before (client-go)
BACKOFF_CAP: Final = 30.0  # seconds before the jitter, which adds up to as much again
BACKOFF_QUIET: Final = 120.0  # seconds without a failure after which the next one is a first one again
RETRY_AFTER: Final = (1.0, 300.0)  # seconds of a Retry-After that are believed; an hour would be as bad as an outage
RELIST_SPACING: Final = 10.0  # seconds between two fresh lists before the second has to wait its back-off
OUTAGE_SETTLED: Final = 2.0  # seconds a quiet watch must be open before the API counts as back
AUDIT_INTERVAL: Final = 600.0  # seconds between fresh lists that check the stream
AUDIT_FLOOR: Final = 10.0  # seconds; more often, and the audit is the load
AUDIT_SPACING: Final = 60.0  # seconds between two audits brought forward by doubts
AUDIT_AFTER_OUTAGE: Final = (5.0, 30.0)  # seconds, one at random: what came back may not be what went away
AUDIT_SOON: Final = 1.0  # seconds from a doubt to its audit, so that doubts in one burst are one
AUDIT_PATIENCE: Final = 150.0  # seconds an audit waits for the stream to reach its version: two bookmarks and a half
AUDIT_TRIES: Final = 4  # failures of one audit's list before it is left to the next
RECENT_VERSIONS: Final = 4_096  # versions of events remembered, to know a repeated one from a step back in time
CREDENTIALS_AGE: Final = 60.0  # seconds before token and certificate files are read again (client-go)
FREEZE_FROM: Final = 10_000  # objects of a first list from which they are kept out of the garbage collector's rounds

# -- the kubernetes plugin --------------------------------------------------------------------------------------------
PROBLEMS_TOLD: Final = 4_096  # bad objects remembered as reported; begun anew above this, so that each is told once
TYPED_ZONES: Final = 1_024  # letter cases of one zone whose SOA is kept ready; askers that mix them have 2^12 and more
KUBERNETES_TTL: Final = 3_600  # seconds; the highest `ttl` CoreDNS takes
SYNC_POLL: Final = 0.01  # seconds between looks whether the first lists are in
SYNC_REMINDER: Final = 0.5  # seconds between lines that say what the start waits for (CoreDNS)

# -- forward ----------------------------------------------------------------------------------------------------------
FORWARD_TARGETS: Final = 15  # upstreams as written in one forward; CoreDNS's cap
FORWARD_SECONDS: Final = 5.0  # for all upstreams of one query together; then its asker has given up (CoreDNS)
FORWARD_READ: Final = 2.0  # seconds to wait for a reply unless read_timeout says otherwise (CoreDNS)
FORWARD_ATTEMPTS: Final = 2  # failures for each upstream before a query is given up (CoreDNS)
FORWARD_PAUSE: Final = 0.01  # seconds between attempts that are not counted; an upstream that refuses would spin us
FORWARD_DIAL: Final = (1.0, 30.0)  # seconds for a TCP connection: twice what the last ones took, within these (CoreDNS)
FORWARD_EXPIRE: Final = 10.0  # seconds an unused socket is kept, and between two looks at them (CoreDNS)
FORWARD_UDP_SOCKETS: Final = 48  # to all upstreams of one forward, each at least 3; beyond, questions share them
FORWARD_TCP_SOCKETS: Final = 16  # likewise, each at least 1; both leave room in the usual 1,024 file descriptors
FORWARD_PROBE: Final = 0.5  # seconds between two health checks of an upstream that failed (CoreDNS)
FORWARD_PROBE_READ: Final = 1.0  # seconds a health check waits (CoreDNS)
FORWARD_PROBE_FLOOR: Final = 0.01  # seconds; `health_check 0s` would probe without a pause
FORWARD_FAILS: Final = 2  # failed health checks after which more make an upstream count as down (CoreDNS)
RESOLVE_READ: Final = 2.0  # seconds for the reply of a `resolver` (CoreDNS)

# -- errors, log, health, reload, bufsize, hosts, loadbalance, transfer -----------------------------------------------
PATTERN_SIZE: Final = 10_000  # characters of a regular expression in a Corefile (CoreDNS)
CONSOLIDATIONS: Final = 100  # lines of `consolidate` in one block: each error is held against all of them
LOG_RENDERINGS: Final = 4_096  # texts about equal questions remembered by one log rule; about 300 bytes each
HEALTH_BEAT: Final = 1.0  # seconds between two looks at how long a health request would wait (CoreDNS)
HEALTH_SLOW: Final = 1.0  # seconds of such a wait that are worth a warning (CoreDNS)
RELOAD_INTERVAL: Final = 30.0  # seconds between two looks at the configuration on disk (CoreDNS)
RELOAD_INTERVAL_LEAST: Final = 2.0  # seconds (CoreDNS)
RELOAD_JITTER: Final = 15.0  # seconds by which intervals differ, so that many servers do not reload at once (CoreDNS)
RELOAD_JITTER_LEAST: Final = 1.0  # seconds, unless there is none (CoreDNS)
BUFSIZE_DEFAULT: Final = 1_232  # bytes; fits the smallest IPv6 link with room to spare (DNS flag day 2020)
BUFSIZE_LEAST: Final = 512  # bytes; RFC 6891 §6.2.3
BUFSIZE_MOST: Final = 4_096  # bytes (CoreDNS)
HOSTS_FIELD: Final = 1_024  # bytes of a field of a hosts file; no name is longer than 255 (CoreDNS)
HOSTS_TTL: Final = 3_600  # seconds, unless `ttl` says otherwise (CoreDNS)
HOSTS_TTL_MOST: Final = 65_535  # seconds (CoreDNS)
HOSTS_RELOAD: Final = 5.0  # seconds between two looks at a hosts file (CoreDNS)
WEIGHTS_RELOAD: Final = 30.0  # seconds between two looks at a weight file (CoreDNS)
WEIGHT_MOST: Final = 255  # the highest weight of an address (CoreDNS)
TRANSFER_MESSAGE: Final = 63_000  # bytes of records in one message of a transfer; header, question and OPT fit beside

# -- the embedded control plane ---------------------------------------------------------------------------------------
KEPT_CHANGES: Final = 16_384  # changes of one kind a watch can go back; about 1 KiB each where objects were replaced
CHANGES_TAKEN: Final = 512  # changes a watch takes at once, a few milliseconds of encoding
DECODED_OBJECTS: Final = 512  # latest objects kept decoded for the watches and controllers that look at them next
ADDRESS_MAP: Final = 1 << 20  # addresses of a range kept as one byte each: a /12; larger ranges keep what is taken
STATIC_BAND_LEAST: Final = 16  # addresses at the start of a service range left to those who name theirs (KEP-3070)
STATIC_BAND_SHARE: Final = 16  # one in so many of a range is in that band (KEP-3070)
STATIC_BAND_MOST: Final = 256  # addresses of the band (KEP-3070)
SERVICE_PREFIX: Final = 64  # bits of the widest IPv6 service range addresses are handed out from (kube-apiserver)
NODE_PORT_BAND_LEAST: Final = 16  # node ports left to those who name theirs (KEP-3668)
NODE_PORT_BAND_SHARE: Final = 32  # one in so many of a range is in that band (KEP-3668)
NODE_PORT_BAND_MOST: Final = 128  # node ports of the band (KEP-3668)
SERVICE_RANGE_BITS: Final = 3  # host bits of the first service range at least: eight addresses (kube-apiserver)
STATE_LOCK_SECONDS: Final = 1.0  # to wait for a state file another process is just letting go of
STATE_PRUNE_EVERY: Final = 4_096  # changes written between two clearings of the old ones; a clearing takes milliseconds
STATE_LOG_PAGES: Final = 8_192  # pages (32 MiB) of a state file's log before it is folded in, which waits for the disk

# -- the controllers of the embedded cluster --------------------------------------------------------------------------
CONTROLLER_TURN: Final = 0.0005  # seconds controllers work before requests and queries get their turn; one key at least
DELETED_AT_ONCE: Final = 20  # objects one turn deletes for an owner or a namespace; about two milliseconds
SHOWN_AT_ONCE: Final = 100  # changes of one kind the resolver takes at once; a millisecond or two
SIMULATED_NODES: Final = 3  # nodes a cluster begins with: enough for spreading, few enough to be read
SIMULATED_NODES_MOST: Final = 5_000  # nodes a test's cluster takes, as many as Kubernetes is tried with
POD_RANGE_BITS: Final = 5  # bits of the smallest Pod range: four nodes with five Pods each
NODE_PIECES_LEAST: Final = 2  # bits of a Pod range that number its nodes: four nodes at least
NODE_PIECES_MOST: Final = 16  # bits; kube-controller-manager's bound for IPv6
NODE_PIECE_BITS: Final = 2  # bits of the smallest piece a node may be given: some Pods fit
POD_NUMBERS: Final = 65_536  # addresses of a node's IPv6 range that are used; no node has as many Pods
PODS_AT_ONCE: Final = 20  # Pods one turn makes or deletes for a workload; about three milliseconds
SMALL_GROUP: Final = 8  # values of one key kept in a tuple; a set of them takes 200 bytes more, searching is as quick
ENDPOINTS_PER_SLICE: Final = 100  # kube-controller-manager's --max-endpoints-per-slice
ENDPOINTS_PER_SLICE_MOST: Final = 1_000  # what the flag accepts, and the API for one slice
MIRRORED_ADDRESSES: Final = 1_000  # --mirroring-max-endpoints-per-subset of kube-controller-manager, and its most
ENDPOINTS_CAPACITY: Final = 1_000  # addresses of one Endpoints object; then it is truncated and says so

# -- the Kubernetes API, served ---------------------------------------------------------------------------------------
UPDATE_MANAGERS: Final = 10  # updaters in one object's managedFields; then the oldest become one (kube-apiserver)
ACCEPT_HEADERS: Final = 256  # Accept headers remembered with what they lead to; clients have a handful
REQUEST_BODY: Final = 3 << 20  # bytes; kube-apiserver's own limit
VERSION_DIGITS: Final = 19  # digits of a number that surely fits 64 bits
FIELD_MANAGER: Final = 128  # bytes of a field manager's name (kube-apiserver)
KNOWN_PATHS: Final = 1_024  # paths remembered with what they mean; about 300 bytes each
REQUEST_LINE: Final = 65_536  # bytes of a request line: selectors may be long
API_BACKLOG: Final = 1_024  # connections the kernel keeps until they are accepted
API_GRACE: Final = 2.0  # seconds that requests under way have at the end; watches are ended at once
SERVED_WATCH: Final = (1_800.0, 3_600.0)  # seconds of a watch that names no time, one at random (kube-apiserver)
BOOKMARK_INTERVAL: Final = 60.0  # seconds between bookmarks of a quiet watch (kube-apiserver)
BOOKMARK_BEFORE_END: Final = 2.0  # seconds from the last bookmark to the end of a watch (kube-apiserver)
WATCH_STALL: Final = 30.0  # seconds a watcher may leave its stream unread once the socket's buffers are full
WARNING_TEXT: Final = 4_096  # characters of all warnings of one answer (kube-apiserver)
WARNING_ITEM: Final = 256  # characters of one of them once that is not enough (kube-apiserver)
PATCH_OPERATIONS: Final = 10_000  # operations of one JSON patch (kube-apiserver)

# -- cache ------------------------------------------------------------------------------------------------------------
CACHE_CAPACITY: Final = 10_000  # replies of each kind, found names and missing ones (CoreDNS)
CACHE_SHARDS: Final = 256  # CoreDNS splits its capacity among so many, rounding down; only the sum matters here
CACHE_SHARD: Final = 4  # replies in each of them at least, so 1,024 is the smallest capacity (CoreDNS)
CACHE_SUCCESS_TTL: Final = 3_600  # seconds a found name is kept at most (CoreDNS)
CACHE_DENIAL_TTL: Final = 1_800  # seconds a missing name is kept at most (CoreDNS)
CACHE_LEAST_TTL: Final = 5  # seconds any reply is kept at least, and one without records or with an error (CoreDNS)
CACHE_TTL_MOST: Final = 0x7FFFFFFF  # seconds; the highest TTL there is, RFC 2181 §8
CACHE_SERVFAIL_MOST: Final = 300.0  # seconds a failure may be kept (RFC 2308 §7.1)
CACHE_STALE: Final = 3_600.0  # seconds past its end a reply may still be served (CoreDNS serve_stale)
CACHE_RECHECK_MOST: Final = 300.0  # seconds between attempts to refresh a stale reply (CoreDNS)
CACHE_PREFETCH_SPAN: Final = 60.0  # seconds without a question that begin the count for prefetch anew (CoreDNS)
CACHE_PREFETCH_SHARE: Final = 10  # per cent of its life left when a reply is prefetched (CoreDNS)
CREDENTIALS_WAIT: Final = 60.0  # seconds for an exec plugin or identity provider; a browser login takes longer

# -- manifests --------------------------------------------------------------------------------------------------------
MANIFEST_SIZE: Final = 32 << 20  # bytes of one file: 10,000 Services as `kubectl get -o yaml` writes them
MANIFEST_FILES: Final = 10_000  # files read of all paths together; more is not a folder of manifests
MANIFEST_FOLDERS: Final = 32  # folders within folders; links may lead in a circle
MANIFEST_DEPTH: Final = 100  # values within values; Pods reach 15, the schemas in CustomResourceDefinitions 60
MANIFEST_ALIASED: Final = 100_000  # values that the aliases of one YAML file bring in: aliases of aliases multiply
MANIFEST_NUMBER: Final = 400  # characters of a number; the longest float has 309 digits
MANIFEST_PROBLEMS: Final = 20  # problems told of one reading; they are mended one by one anyway
MANIFEST_VALUE: Final = 60  # characters of a value that a problem quotes
MANIFEST_NAMES: Final = 40  # lines of added and removed names after a reload: what fits a screen
MANIFEST_QUIET: Final = 0.05  # seconds without a further change before files are read: editors save in several steps
MANIFEST_BUSY: Final = 1.0  # seconds after which changes that never pause are read anyway
MANIFEST_RESCAN: Final = 5.0  # seconds between looks at the files without any event: network file systems send none
QUANTITY_DIGITS: Final = 1_000  # of an amount such as 500m; far more than any amount has
NAME_ATTEMPTS: Final = 8  # names generated for one object before it is refused (kube-apiserver)
GENERATED_NAME: Final = 63  # characters of a generated name, so that it stays a label (kube-apiserver)
GENERATED_SUFFIX: Final = 5  # characters put behind generateName (kube-apiserver)

# -- loop -------------------------------------------------------------------------------------------------------------
LOOP_PROBING: Final = 30.0  # seconds of probes without a reply until the plugin switches itself off (CoreDNS)
LOOP_PATIENCE: Final = 2.0  # seconds to wait for the reply to one (CoreDNS)
LOOP_PAUSE: Final = 1.0  # seconds between two (CoreDNS)

# -- the history of questions and the admin API -----------------------------------------------------------------------
HISTORY: Final = 100_000  # questions kept unless --history says otherwise; about 25 MiB of them
HISTORY_MOST: Final = 10_000_000  # questions --history takes; HISTORY_BYTES ends it sooner
HISTORY_BYTES: Final = 26 << 20  # bytes of kept questions and replies, however many; with all else below 30 MiB
HISTORY_BLOCK: Final = 256  # questions made one piece of memory at once; each by itself would take 50 bytes more
HISTORY_QUESTION: Final = 271  # bytes kept of a query: header, the longest name, type and class
HISTORY_REPLY: Final = 4_096  # bytes kept of a reply; records behind that are not shown
KEPT_SOCKADDRS: Final = 1_024  # askers whose address is kept in wire form: every TCP connection that is open
SOCKET_PATH: Final = 103  # bytes of a unix socket's path; macOS takes no more, Linux 107
SOCKET_PROBE: Final = 1.0  # seconds to find out whether a server still answers at a socket that is there
ADMIN_BODY: Final = 65_536  # bytes of a request's body, unpacked; a fault takes a hundred
ADMIN_GRACE: Final = 1.0  # seconds that requests under way have at the end; followers are told at once
ADMIN_QUESTIONS: Final = 10_000  # questions of one answer; about 4 MiB of JSON
ADMIN_QUESTIONS_DEFAULT: Final = 100  # questions of an answer that was not told how many: some screens full
ADMIN_FIRINGS: Final = 100  # last firings of faults that are listed
ADMIN_INDEX_STEP: Final = 50  # Services written at a time; a millisecond or two, then queries get their turn
ADMIN_FOLLOWERS: Final = 32  # who may follow the questions at once; each takes a share of every question's time
ADMIN_TIMEOUT: Final = 10.0  # seconds a client waits for a server that accepts and says nothing

# -- query tools ------------------------------------------------------------------------------------------------------
POD_NAMESERVERS: Final = 3  # nameservers of a Pod's resolv.conf (kubelet; glibc and musl take no more)
POD_SEARCHES: Final = 32  # its search domains (kubelet since 1.28)
POD_SEARCH_LINE: Final = 2_048  # characters of them and the blanks between (kubelet since 1.28)
POD_SEARCH_SIZE: Final = 253  # characters of one; some glibc abort on longer ones (kubelet)
ASK_SECONDS: Final = 5.0  # seconds a question of ours waits for its reply (dig; both C libraries)
ASK_TRIES: Final = 3  # times it is sent over UDP (dig)
ASK_NOTES: Final = 8  # packets that answer something else of which we tell
WALK_TCP_SECONDS: Final = 30.0  # seconds a walk waits over TCP; glibc itself waits without end
CLIENT_COOKIE: Final = 8  # bytes of a client's cookie; what follows them is the server's (RFC 7873 §4)

# -- servers of tests -------------------------------------------------------------------------------------------------
TEST_LOG_LINES: Final = 1_000  # lines of a test's server that are kept: all of a sane test
REPORTED_QUESTIONS: Final = 100  # questions in the report of a failed test, the last ones: a page or two
REPORTED_ANSWERS: Final = 8  # records of one answer there
TEST_COMMAND: Final = 60.0  # seconds a command in a Pod's namespaces may take unless the test says otherwise

# -- faults -----------------------------------------------------------------------------------------------------------
FAULTS: Final = 1_000  # faults in one list: each question that is not kept is held against all of them
FAULT_FIRINGS: Final = 10_000  # firings remembered; about 200 bytes each
FAULT_DELAY_MOST: Final = 300.0  # seconds; every client has given up by then
FAULT_SLOW: Final = 5.0  # seconds a reply takes over slow TCP, unless the fault says otherwise: a resolver's patience
FAULT_SLOW_MOST: Final = 300.0  # seconds, as for a delay
FAULT_DURATION_MOST: Final = 366 * 86_400.0  # seconds a fault lasts at most when it says how long
FAULT_TIMES_MOST: Final = 1_000_000_000  # of `times` and `every`, and the highest seed
FAULT_TTL_MOST: Final = 0x7FFFFFFF  # seconds; the highest TTL there is, RFC 2181 §8
FAULT_ADDRESSES: Final = 256  # addresses that `only`, `replace` and `order` name
FAULT_STALE_QUESTIONS: Final = 4_096  # questions of which one fault remembers replies; the one unasked longest goes
FAULT_STALE_REPLIES: Final = 64  # replies remembered of one question
SLOW_PIECES: Final = 64  # pieces of a reply over slow TCP: a timer each, and one byte each where a reply is short
SCENARIO_SIZE: Final = 1 << 20  # bytes of a scenario's file

# -- explanations -----------------------------------------------------------------------------------------------------
EXPLAINED_LEFT_OUT: Final = 12  # things left out for one reason that the text shows; JSON has them all
EXPLAINED_RECORDS: Final = 40  # records the text shows: a screen
EXPLAINED_AT_ONCE: Final = 2_000  # stored objects looked through at a time; a millisecond, then queries get their turn
EXPLAINED_NAMES: Final = 2_000  # names looked through for one that is spelt nearly so, about 20 µs each
NEAR_NAMES: Final = 3  # of these, how many are suggested
EXPLAINED_BUFSIZE: Final = 1_232  # bytes: what resolvers ask for today (DNS flag day 2020)
EXTENDED_ERROR_TEXT: Final = 120  # bytes of EXTRA-TEXT: with the longest name a denial still fits into 512
